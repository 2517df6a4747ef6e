package io.kymo.acceptance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests against {@link Stack}: it is there before anything else of the class runs, and at the end
 * no byte is unaccounted for.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnStack.Frame.class)
@interface OnStack {
  /** Around the class's own preparations. */
  final class Frame implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      Stack.get();
    }

    @Override
    public void afterAll(ExtensionContext context) {
      Accounting.holds(Stack.get());
    }
  }
}
