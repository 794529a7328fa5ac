package org.basin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.basin.model.MlpSpec;
import org.junit.jupiter.api.Test;

class BenchmarkNetworkTest {
  /** 40-8-8-10 has 320 + 64 + 80 = 464 weights, 320 of them in the first layer. */
  @Test
  void operationsAreTwoAMultiplyAddAndTheFirstLayerHandsNothingBack() {
    MlpSpec spec = BenchmarkNetwork.ofWidth(8);
    assertEquals(2.0 * 128 * (464 + 464 + 144), BenchmarkNetwork.stepOperations(spec, 128));
    assertEquals(2.0 * 4000 * 464, BenchmarkNetwork.evaluationOperations(spec, 4000));
    // Forward, gradient, back: the first layer once, once, never; the others twice each.
    assertEquals(2.0 * 4000 * (2 * 320 + 6 * 144), BenchmarkNetwork.productOperations(spec, 4000));
  }
}
