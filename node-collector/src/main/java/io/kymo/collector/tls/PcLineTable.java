package io.kymo.collector.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Go's own table of functions, which is there in stripped programs, too (src/runtime/symtab.go, Go
 * 1.18 and later).
 *
 * <pre>
 *   0 u32 magic | 6 u8 quantum of pc | 7 u8 size of a pointer | 8 u64 functions | 24 u64 start of text
 *   32 u64 offset of names | 56 u64 offset of pc tables | 64 u64 offset of functions
 *   functions: u32 entry, from start of text | u32 offset of its struct, from the functions' offset
 *   struct:    0 u32 entry | 4 i32 name | 16 u32 pcsp, a pc table
 *   pc table:  pairs of varints: change of the value (zigzag), length in quanta; value 0 ends it
 * </pre>
 *
 * The pcsp table says by how much the stack pointer differs from its value at the entry: it is 0
 * again exactly where the frame was taken down, that is at each RET, and its ranges end at
 * instructions. So these are found without disassembling anything.
 */
final class PcLineTable {
  private static final int MAGIC_1_18 = 0xfffffff0;
  private static final int MAGIC_1_20 = 0xfffffff1;
  private static final int HEADER_BYTES = 72;
  private static final int FUNCTION_BYTES = 8;
  private static final byte RET_X86 = (byte) 0xc3;
  private static final int RET_ARM64 = 0xd65f03c0;

  /** Longer functions are none. */
  private static final long FUNCTION_MAX = 1 << 20;

  /** A function: where it begins and where it returns, as offsets in the file. */
  record Function(long entry, List<Long> returns) {}

  private final ElfFile file;
  private final ByteBuffer table;
  private final long text;
  private final int quantum;
  private final int names;
  private final int pcTables;
  private final int functions;
  private final int count;

  /**
   * @throws IOException when there is none that is understood
   */
  PcLineTable(ElfFile file) throws IOException {
    this.file = file;
    ElfFile.Section section = file.section(".gopclntab");
    if (section == null) {
      section = file.section(".data.rel.ro.gopclntab");
    }
    if (section == null || section.size() < HEADER_BYTES) {
      throw new IOException("no table of Go functions");
    }
    table = file.read(section);
    int magic = table.getInt(0);
    if (magic != MAGIC_1_18 && magic != MAGIC_1_20 || table.get(7) != Long.BYTES) {
      throw new IOException("table of Go functions of an unknown kind");
    }
    quantum = table.get(6);
    ElfFile.Section code = file.section(".text");
    long start = table.getLong(24);
    text = start != 0 || code == null ? start : code.address();
    names = (int) table.getLong(32);
    pcTables = (int) table.getLong(56);
    functions = (int) table.getLong(64);
    long many = table.getLong(8);
    if (functions < 0 || many < 0 || many * FUNCTION_BYTES > table.limit() - functions) {
      throw new IOException("damaged table of Go functions");
    }
    count = (int) many;
  }

  /** Those of the wanted functions that are there. */
  Map<String, Function> find(Set<String> wanted) throws IOException {
    Map<String, Function> found = new HashMap<>();
    try {
      for (int i = 0; i < count && found.size() < wanted.size(); i++) {
        int at = functions + i * FUNCTION_BYTES;
        int struct = functions + table.getInt(at + 4);
        String name = nameAt(names + table.getInt(struct + 4), wanted);
        if (name != null) {
          found.put(name, function(at, struct));
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("damaged table of Go functions", e);
    }
    return found;
  }

  private String nameAt(int at, Set<String> wanted) {
    for (String name : wanted) {
      int length = name.length();
      int i = 0;
      while (i < length && table.get(at + i) == name.charAt(i)) {
        i++;
      }
      if (i == length && table.get(at + i) == 0) {
        return name;
      }
    }
    return null;
  }

  private Function function(int at, int struct) throws IOException {
    long entry = text + (table.getInt(at) & 0xffffffffL);
    long length =
        (table.getInt(at + FUNCTION_BYTES) & 0xffffffffL) - (table.getInt(at) & 0xffffffffL);
    long offset = file.offsetOf(entry);
    if (offset < 0 || length <= 0 || length > FUNCTION_MAX) {
      throw new IOException("damaged table of Go functions");
    }
    ByteBuffer code = file.read(offset, length);
    List<Long> returns = new ArrayList<>();
    Varints pairs = new Varints(pcTables + table.getInt(struct + 16));
    int value = -1;
    for (long pc = 0; pc < length; ) {
      int change = pairs.next();
      if (change == 0 && pc > 0) {
        break;
      }
      value += (change & 1) != 0 ? ~(change >>> 1) : change >>> 1;
      long end = pc + (long) pairs.next() * quantum;
      if (value == 0 && pc > 0 && pc < length && returns(code, (int) pc)) {
        returns.add(offset + pc);
      }
      pc = end;
    }
    return new Function(offset, returns);
  }

  private boolean returns(ByteBuffer code, int at) {
    return file.machine() == ElfFile.ARM64
        ? at + Integer.BYTES <= code.limit() && code.getInt(at) == RET_ARM64
        : code.get(at) == RET_X86;
  }

  private final class Varints {
    private int at;

    Varints(int at) {
      this.at = at;
    }

    int next() {
      int value = 0;
      for (int shift = 0; shift < Integer.SIZE; shift += 7) {
        byte b = table.get(at++);
        value |= (b & 0x7f) << shift;
        if (b >= 0) {
          break;
        }
      }
      return value;
    }
  }
}
