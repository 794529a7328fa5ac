package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class VerifyCommandTest {
  @Test
  void theCpuEngineAndTheTheoryAgreeWithWhatIsKnown() {
    BasinCommand verified = basin("verify", "--engine", "cpu");
    assertEquals(0, verified.code(), verified.out());
    assertTrue(verified.out().contains("  pass  Hessian-vector product: off by "), verified.out());
    assertTrue(verified.out().contains("  pass  training by adamw: off by "), verified.out());
    assertTrue(verified.out().contains("  pass  slope of the floor in B: -0.99"), verified.out());
    assertTrue(verified.out().contains("  pass  test error at width 47, clean labels: "));
    String last = verified.out().lines().toList().getLast();
    assertTrue(last.matches("(\\d{2,}) of \\1 checks passed"), last);
  }

  @Test
  void aPrecisionThatCannotAgreeIsRefused() {
    BasinCommand verified = basin("verify", "--precision", "tf32");
    assertEquals(2, verified.code());
    assertEquals(
        "basin: --precision is tf32, whose rounding verify would take for errors; allowed: float32",
        verified.err().strip());
  }

  @Test
  void anUnknownEngineIsRefused() {
    BasinCommand verified = basin("verify", "--engine", "tpu");
    assertEquals(2, verified.code());
    assertTrue(verified.err().startsWith("basin: there is no engine 'tpu'"), verified.err());
  }
}
