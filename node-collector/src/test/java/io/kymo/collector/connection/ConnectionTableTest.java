package io.kymo.collector.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.schemas.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
  private static final int TCP = Transport.TCP.wireId();

  @Test
  void behavesLikeAMap() {
    ConnectionTable table = new ConnectionTable(500);
    Map<Long, Connection> model = new HashMap<>();
    Random random = new Random(42);
    for (int step = 0; step < 200_000; step++) {
      long id = random.nextInt(800);
      Connection known = table.get(id);
      assertThat(known).isSameAs(model.get(id));
      if (known != null) {
        table.remove(known);
        model.remove(id);
      } else if (!table.full()) {
        model.put(id, table.create(id, TCP, false, step));
      }
    }
    assertThat(table.size()).isEqualTo(model.size());
    Set<Connection> swept = new HashSet<>();
    for (int i = 0; i < table.slots(); i++) {
      if (table.slot(i) != null) {
        swept.add(table.slot(i));
      }
    }
    assertThat(swept).isEqualTo(new HashSet<>(model.values()));
  }

  @Test
  void takesNoMoreThanItsCapacity() {
    ConnectionTable table = new ConnectionTable(16);
    for (int i = 0; i < 16; i++) {
      assertThat(table.full()).isFalse();
      table.create(i, TCP, false, i);
    }

    assertThat(table.full()).isTrue();
    assertThatThrownBy(() -> table.create(99, TCP, false, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theVictimIsNeverOneOfTheBusyOnes() {
    ConnectionTable table = new ConnectionTable(64);
    for (int i = 0; i < 64; i++) {
      table.create(i, TCP, false, i < 32 ? 1 : 1_000_000);
    }
    for (int i = 0; i < 24; i++) {
      Connection victim = table.victim();
      assertThat(victim.id()).isLessThan(32);
      table.remove(victim);
      table.create(100 + i, TCP, false, 2_000_000);
    }
  }

  @Test
  void removingWhatIsNotThereIsABug() {
    ConnectionTable table = new ConnectionTable(16);
    Connection connection = table.create(1, TCP, false, 0);
    table.remove(connection);

    assertThatThrownBy(() -> table.remove(connection)).isInstanceOf(IllegalStateException.class);
  }
}
