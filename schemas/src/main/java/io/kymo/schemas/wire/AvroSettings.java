package io.kymo.schemas.wire;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;

/** Settings of Avro that must stand before its first use in a process. */
final class AvroSettings {
  static {
    // 1.12.2 decodes generated classes only when they are trusted
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getName().startsWith("io.kymo.schemas.")));
  }

  private AvroSettings() {}

  /**
   * The model of a generated class, with generated coders instead of reflection: about 155 ns
   * instead of 350 ns to encode an event, 185 instead of 290 to decode it. Set on the model and not
   * by system property, which is read when the class is loaded.
   */
  static SpecificData model(Schema schema) {
    Class<?> type = SpecificData.get().getClass(schema);
    SpecificData model = SpecificData.getForClass(type);
    model.setCustomCoders(true);
    model.setFastReaderEnabled(false);
    return model;
  }
}
