package io.kymo.protocol.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Input;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DnsNameTest {
  private static Input input(String latin1) {
    byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return new Input().wrap(bytes, 0, bytes.length, 0, true);
  }

  @Test
  void pointersGoBackwardsOnly() {
    Input in = input("\001a\000\001b\300\000\300\007");
    assertThat(DnsName.text(in, 3, 0, 9)).isEqualTo("b.a");
    assertThat(DnsName.end(in, 3, 9)).isEqualTo(7);
    assertThat(DnsName.text(in, 7, 0, 9)).as("points at itself").isNull();
    Input chain = input("\300\002\300\000");
    assertThat(DnsName.text(chain, 2, 0, 4)).as("points at one that points ahead").isNull();
  }

  @Test
  void longNamesAreRefused() {
    Input in = input(("\077" + "x".repeat(63)).repeat(5) + "\000");
    assertThat(DnsName.end(in, 0, in.length())).isEqualTo(DnsName.BROKEN);
    assertThat(DnsName.text(in, 0, 0, in.length())).isNull();
    assertThat(DnsName.end(input("\100a"), 0, 2)).isEqualTo(DnsName.BROKEN);
    assertThat(DnsName.end(input("\005ab"), 0, 3)).isEqualTo(DnsName.MORE);
  }

  @Property
  void endsWhateverTheBytes(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 299) int from) {
    Input in = new Input().wrap(bytes, 0, bytes.length, 0, true);
    int pos = Math.min(from, bytes.length);
    assertThat(DnsName.end(in, pos, bytes.length)).isBetween(DnsName.BROKEN, bytes.length);
    String text = DnsName.text(in, pos, 0, bytes.length);
    assertThat(text == null || text.length() <= 4 * 256 + 128).isTrue();
  }
}
