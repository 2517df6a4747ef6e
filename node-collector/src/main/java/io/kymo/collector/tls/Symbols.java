package io.kymo.collector.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Functions that a file defines, found by name in its symbol tables (System V ABI, 4.19).
 *
 * <pre>
 *   symbol   0 u32 name | 4 u8 type and binding | 6 u16 section, 0 when it is defined elsewhere | 8 u64 address | 16 u64 size
 * </pre>
 */
final class Symbols {
  private static final int SYMTAB = 2;
  private static final int DYNSYM = 11;
  private static final int SYMBOL_BYTES = 24;
  private static final int DT_SONAME = 14;
  private static final int TYPE_MASK = 0xf;
  private static final int FUNCTION = 2;

  /** Where a function begins in the file, and its length in bytes (0 when not known). */
  record Function(long offset, long size) {}

  private Symbols() {}

  /** Those of the wanted names that the file defines. */
  static Map<String, Function> find(ElfFile file, Set<String> wanted) throws IOException {
    Map<Integer, String> byHash = new HashMap<>();
    for (String name : wanted) {
      byHash.put(hash(name), name);
    }
    Map<String, Function> found = new HashMap<>();
    for (ElfFile.Section section : file.sections()) {
      if (section.type() == DYNSYM || section.type() == SYMTAB) {
        find(file, section, byHash, wanted, found);
      }
    }
    return found;
  }

  /** Address of the data of one of these names in the full symbol table, 0 when it has none. */
  static long address(ElfFile file, Set<String> wanted) throws IOException {
    ElfFile.Section section = file.section(".symtab");
    if (section == null || section.link() <= 0 || section.link() >= file.sections().size()) {
      return 0;
    }
    ByteBuffer symbols = file.read(section);
    ByteBuffer names = file.read(file.sections().get(section.link()));
    for (int at = 0; at + SYMBOL_BYTES <= symbols.limit(); at += SYMBOL_BYTES) {
      int name = symbols.getInt(at);
      if (starts(names, name, "go") && wanted.contains(ElfFile.text(names, name))) {
        return symbols.getLong(at + 8);
      }
    }
    return 0;
  }

  private static boolean starts(ByteBuffer names, int at, String prefix) {
    for (int i = 0; i < prefix.length(); i++) {
      if (at < 0 || at + i >= names.limit() || names.get(at + i) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The library's name with its version (DT_SONAME), empty when it has none. */
  static String soname(ElfFile file) throws IOException {
    ElfFile.Section dynamic = file.section(".dynamic");
    if (dynamic == null || dynamic.link() <= 0 || dynamic.link() >= file.sections().size()) {
      return "";
    }
    ByteBuffer entries = file.read(dynamic);
    for (int at = 0; at + 16 <= entries.limit(); at += 16) {
      if (entries.getLong(at) == DT_SONAME) {
        ByteBuffer names = file.read(file.sections().get(dynamic.link()));
        return ElfFile.text(names, (int) entries.getLong(at + 8));
      }
    }
    return "";
  }

  private static void find(
      ElfFile file,
      ElfFile.Section section,
      Map<Integer, String> byHash,
      Set<String> wanted,
      Map<String, Function> found)
      throws IOException {
    if (section.link() <= 0 || section.link() >= file.sections().size()) {
      return;
    }
    ByteBuffer symbols = file.read(section);
    ByteBuffer names = file.read(file.sections().get(section.link()));
    for (int at = 0; at + SYMBOL_BYTES <= symbols.limit(); at += SYMBOL_BYTES) {
      if ((symbols.get(at + 4) & TYPE_MASK) != FUNCTION || symbols.getShort(at + 6) == 0) {
        continue;
      }
      int name = symbols.getInt(at);
      if (name <= 0 || name >= names.limit() || !byHash.containsKey(hash(names, name))) {
        continue;
      }
      String text = ElfFile.text(names, name);
      long offset = file.offsetOf(symbols.getLong(at + 8));
      if (wanted.contains(text) && offset >= 0) {
        found.putIfAbsent(text, new Function(offset, symbols.getLong(at + 16)));
      }
    }
  }

  private static int hash(String name) {
    ByteBuffer bytes = ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1));
    return hash(bytes, 0);
  }

  private static int hash(ByteBuffer names, int at) {
    int hash = 0;
    for (int i = at; i < names.limit() && names.get(i) != 0; i++) {
      hash = hash * 31 + names.get(i);
    }
    return hash;
  }
}
