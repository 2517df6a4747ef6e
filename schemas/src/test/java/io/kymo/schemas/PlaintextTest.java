package io.kymo.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlaintextTest {
  @Test
  void anIdOfItsOwnThatLeadsBack() {
    long id = Plaintext.idOn(4711);
    assertThat(id).isNotEqualTo(4711);
    assertThat(Plaintext.is(id)).isTrue();
    assertThat(Plaintext.socket(id)).isEqualTo(4711);
    assertThat(Plaintext.is(4711)).isFalse();
    assertThat(Plaintext.socket(4711)).isEqualTo(4711);
  }

  @Test
  void conversationsOfDatagramsAreNone() {
    long hash = Long.MIN_VALUE | 1L << 62 | 5;
    assertThat(Plaintext.is(hash)).isFalse();
    assertThat(Plaintext.socket(hash)).isEqualTo(hash);
  }

  @Test
  void bothSidesAgreeUnlessOneCameInTheMiddle() {
    long endpoint = 99;
    assertThat(ClientEndpoint.plaintext(endpoint)).isNotEqualTo(endpoint);
    long client = ClientEndpoint.untied(endpoint, 1, Role.CLIENT);
    long server = ClientEndpoint.untied(endpoint, 2, Role.SERVER);
    assertThat(client).isNotIn(server, endpoint, ClientEndpoint.plaintext(endpoint));
  }
}
