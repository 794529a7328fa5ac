package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EngineDescriptionTest {
  private static String arithmetic(String device, String precision, String details) {
    return new EngineDescription("cuda", device, precision, details).arithmetic();
  }

  /** Or a mean over replicas would be one over two precisions. */
  @Test
  void whatRoundsOtherwiseIsAnotherArithmeticAndAnotherDeviceIsNone() {
    assertEquals("cuda", arithmetic("one GPU", "float32", "NVRTC 12.0"));
    assertEquals("cuda", arithmetic("another", "float32", "NVRTC 13.0"));
    assertEquals("cuda tf32", arithmetic("one GPU", "tf32", "NVRTC 12.0"));
  }
}
