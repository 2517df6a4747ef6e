package io.kymo.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTemplateTest {
  @ParameterizedTest
  @CsvSource({
    "/,/",
    "/api/v1/health,/api/v1/health",
    "/api/v2beta1/Users,/api/v2beta1/Users",
    "/users/4711,/users/{id}",
    "/users/4711/orders/12/,/users/{id}/orders/{id}/",
    "/o/3f2504e0-4f89-41d3-9a0c-0305e82c3301/x,/o/{id}/x",
    "/blob/sha256/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08,/blob/sha256/{id}",
    "/c/deadbeefdeadbeef,/c/{id}",
    "/c/facade,/c/facade",
    "/img/9f86d081884c7d65.png,/img/{id}.png",
    "/static/main.3f2a9c81.js,/static/main.{id}.js",
    "/file10MB.bin,/file10MB.bin",
    "/jquery-3.7.1.min.js,/jquery-3.7.1.min.js",
    "/12345.jpg,/{id}.jpg",
    "/hosts/10.0.0.17,/hosts/{id}",
    "/log/2024-01-31,/log/{id}",
    "/mail/jane@example.com/inbox,/mail/{id}/inbox",
    "/t/dGhpcy4Bpc7BhIHRlc3QgMTI,/t/{id}",
    "/order-20240131,/{id}",
    "/wp-content/uploads/2024/photo.jpg,/wp-content/uploads/{id}/photo.jpg",
    "/a/b/c/d/e/f/g/h/i/j/k/l/m/n,/a/b/c/d/e/f/g/h/i/j/k/l/{rest}",
    "*,*",
  })
  void templates(String path, String route) {
    assertThat(RouteTemplate.of(path)).isEqualTo(route);
  }
}
