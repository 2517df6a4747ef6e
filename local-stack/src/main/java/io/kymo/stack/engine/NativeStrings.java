package io.kymo.stack.engine;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * An array of strings and one of their lengths, as the parametrised calls take them. The engine
 * copies them; they must be open while a call runs.
 */
final class NativeStrings implements AutoCloseable {
  private final List<Memory> strings = new ArrayList<>();

  private final Memory pointers;
  private final Memory lengths;

  NativeStrings(Collection<String> values) {
    pointers = values.isEmpty() ? null : new Memory((long) values.size() * Native.POINTER_SIZE);
    lengths = values.isEmpty() ? null : new Memory((long) values.size() * Long.BYTES);
    int i = 0;
    for (String value : values) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      Memory memory = new Memory(bytes.length + 1L);
      memory.write(0, bytes, 0, bytes.length);
      memory.setByte(bytes.length, (byte) 0);
      strings.add(memory);
      pointers.setPointer((long) i * Native.POINTER_SIZE, memory);
      lengths.setLong((long) i * Long.BYTES, bytes.length);
      i++;
    }
  }

  Pointer pointers() {
    return pointers;
  }

  Pointer lengths() {
    return lengths;
  }

  int count() {
    return strings.size();
  }

  @Override
  public void close() {
    strings.forEach(Memory::close);
    if (pointers != null) {
      pointers.close();
      lengths.close();
    }
  }
}
