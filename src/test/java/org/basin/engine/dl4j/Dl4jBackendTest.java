package org.basin.engine.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Judges lines as nvidia-smi prints them; no GPU is needed. */
class Dl4jBackendTest {
  @ParameterizedTest
  @CsvSource({"Tesla K80, 3.7", "NVIDIA A100-SXM4-40GB, 8.0", "NVIDIA GeForce RTX 4090, 8.9"})
  void takesWhatItsMachineCodeRunsOn(String name, String capability) {
    Dl4jBackend backend = Dl4jBackend.cuda(name + ", " + capability);
    assertEquals(
        new Dl4jBackend(
            true,
            name,
            "DL4J 1.0.0-M2.1 on nd4j-cuda-11.6, " + name + ", capability " + capability),
        backend);
  }

  @ParameterizedTest
  @CsvSource({"NVIDIA H100 80GB HBM3, 9.0", "NVIDIA B200, 10.0", "Tesla K40m, 3.5"})
  void refusesOtherGpusWithTheReason(String name, String capability) {
    Dl4jBackend backend = Dl4jBackend.cuda(name + ", " + capability);
    assertFalse(backend.usable());
    assertEquals(name, backend.device());
    assertEquals(
        name
            + " has compute capability "
            + capability
            + ", but nd4j-cuda-11.6 has machine code for 3.7 to 8.6 and no PTX: it runs on 3.7 to"
            + " 8.9; build without -Pnd4j-cuda to train on the CPU",
        backend.reason());
  }

  @Test
  void namesMayHaveCommas() {
    Dl4jBackend backend = Dl4jBackend.cuda("NVIDIA A10, rev. 2, 8.6");
    assertTrue(backend.usable());
    assertEquals("NVIDIA A10, rev. 2", backend.device());
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "No devices were found"})
  void noGpuIsNoBackend(String line) {
    assertEquals(
        new Dl4jBackend(
            false, "none", "nd4j-cuda-11.6 is on the classpath, but nvidia-smi finds no GPU"),
        Dl4jBackend.cuda(line));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[N/A]", "", "8.x", "NaN", "-8.6"})
  void refusesACapabilityThatIsNone(String capability) {
    Dl4jBackend backend = Dl4jBackend.cuda("NVIDIA Something, " + capability);
    assertFalse(backend.usable());
    assertEquals("NVIDIA Something", backend.device());
  }

  /** The tests run on the ordinary build, which has the CPU's backend. */
  @Test
  void findsTheBackendOfTheOrdinaryBuild() {
    Dl4jBackend backend = Dl4jBackend.find();
    assertTrue(backend.usable());
    assertTrue(backend.reason().startsWith("DL4J 1.0.0-M2.1 on nd4j-native, "), backend::reason);
  }
}
