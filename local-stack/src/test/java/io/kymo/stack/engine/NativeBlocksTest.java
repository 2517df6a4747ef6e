package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.data.ClickHouseCityHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeBlocksTest {
  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    Random random = new Random(length);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(i % 7 == 0 ? 256 : 3);
    }
    return bytes;
  }

  private static byte[] compressed(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream blocks = NativeBlocks.compress(out)) {
      blocks.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] decompressed(byte[] blocks) throws IOException {
    return NativeBlocks.decompress(new ByteArrayInputStream(blocks)).readAllBytes();
  }

  /** The judge is the hash of ClickHouse's own Java client. */
  @Test
  @SuppressWarnings("deprecation") // as all of that module is
  void hashIsTheClientsAtEveryLength() {
    for (int length = 0; length < 600; length++) {
      byte[] bytes = bytes(length + 3);
      assertThat(CityHash.hash128(bytes, 3, length))
          .as("length %d", length)
          .isEqualTo(ClickHouseCityHash.cityHash128(bytes, 3, length));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 1 << 18, (1 << 18) + 1, 1_000_000})
  void whatIsCompressedComesBack(int length) throws IOException {
    byte[] plain = bytes(length);
    byte[] blocks = compressed(plain);
    assertThat(blocks.length).isLessThanOrEqualTo(length + length / 200 + 200);
    assertThat(decompressed(blocks)).isEqualTo(plain);
  }

  @Test
  void anyDamageIsNoticed() throws IOException {
    byte[] good = compressed(bytes(400));
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x10;
      assertThatThrownBy(() -> decompressed(bad)).as("byte %d", i).isInstanceOf(IOException.class);
    }
    for (int n = 1; n < good.length; n++) {
      byte[] cut = Arrays.copyOf(good, n);
      assertThatThrownBy(() -> decompressed(cut))
          .as("cut at %d", n)
          .isInstanceOf(IOException.class);
    }
  }
}
