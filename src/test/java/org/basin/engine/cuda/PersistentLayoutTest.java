package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PersistentLayoutTest {
  /** What a block may ask for, in bytes, by compute capability. */
  private static final int HOPPER = 227 << 10;

  private static final int ADA = 99 << 10;
  private static final int TURING = 64 << 10;

  private static MlpSpec spec(int inputs, Activation activation, boolean norm, Integer... hidden) {
    return new MlpSpec(
        inputs,
        List.of(hidden),
        10,
        activation,
        true,
        norm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        64);
  }

  private static @Nullable PersistentLayout layout(
      MlpSpec spec, OptimizerKind optimizer, int batch, int sharedMemory) {
    return PersistentLayout.of(spec, LossFunction.CROSS_ENTROPY, optimizer, batch, sharedMemory);
  }

  private static PersistentLayout fitting(
      MlpSpec spec, OptimizerKind optimizer, int batch, int sharedMemory) {
    PersistentLayout layout = layout(spec, optimizer, batch, sharedMemory);
    assertNotNull(layout);
    assertTrue(layout.sharedBytes() <= sharedMemory);
    return layout;
  }

  @Test
  void bytesAreTheSumOfWhatStandsThere() {
    int plan = 120; // 19 words of the network, 3 layers of 19, 6 ranges of 7, to a multiple of 4
    int sums = 2 * 2 * 16;
    int rows = 128 * (44 + 12 + 12 + 12); // of 41, 9, 9 and 10 values, an odd number of 16 bytes
    int weights = 44 * 12 + 12 * 12 + 12 * 12;
    int gradient = 492; // of 490 parameters
    int examples = 2 * 128;
    int words = plan + sums + rows + weights + gradient + examples;
    MlpSpec spec = spec(40, Activation.RELU, false, 8, 8);
    PersistentLayout sgd = fitting(spec, OptimizerKind.SGD, 128, HOPPER);
    assertEquals(4 * words, sgd.sharedBytes());
    assertEquals(118, sgd.plan().length);
    assertEquals(128, sgd.capacity());
    assertEquals(256, sgd.threads());
    PersistentLayout adam = fitting(spec, OptimizerKind.ADAM, 128, HOPPER);
    assertEquals(4 * (words + 2 * gradient), adam.sharedBytes());
    PersistentLayout gelu =
        fitting(spec(40, Activation.GELU, false, 8, 8), OptimizerKind.SGD, 128, HOPPER);
    assertEquals(4 * (words + 2 * 128 * 12), gelu.sharedBytes());
    PersistentLayout normalized =
        fitting(spec(40, Activation.GELU, true, 8, 8), OptimizerKind.SGD, 128, HOPPER);
    int ranges = 132 - plan; // two more, of gamma and beta
    int gammas = 2 * 2 * 8; // and betas; the same of gradients
    int statistics = 3 * 2 * 8;
    assertEquals(
        4 * (words + ranges + 2 * 128 * 12 + 2 * gammas + statistics), normalized.sharedBytes());
  }

  @Test
  void networksOfThePictureFitAHopper() {
    for (int width : new int[] {1, 2, 4, 8, 16, 32, 64}) {
      for (OptimizerKind optimizer : OptimizerKind.values()) {
        MlpSpec spec = spec(40, Activation.RELU, false, width, width);
        assertEquals(128, fitting(spec, optimizer, 128, HOPPER).capacity(), "width " + width);
      }
    }
    assertNull(layout(spec(40, Activation.RELU, false, 256, 256), OptimizerKind.SGD, 128, HOPPER));
  }

  @Test
  void whereMemoryIsShortFirstTheStateIsOutsideThenTheBatchIsCut() {
    MlpSpec spec = spec(40, Activation.RELU, false, 64, 64);
    int all = fitting(spec, OptimizerKind.ADAM, 128, HOPPER).sharedBytes();
    PersistentLayout stateOutside = fitting(spec, OptimizerKind.ADAM, 128, all - 1);
    assertEquals(128, stateOutside.capacity());
    assertEquals(all - 4 * 2 * 7436, stateOutside.sharedBytes());
    PersistentLayout cut = fitting(spec, OptimizerKind.ADAM, 128, stateOutside.sharedBytes() - 1);
    assertEquals(64, cut.capacity());
    assertEquals(44, fitting(spec, OptimizerKind.ADAM, 128, ADA).capacity());
    assertNull(layout(spec, OptimizerKind.ADAM, 128, TURING));
  }

  @Test
  void batchStatisticsAreThoseOfTheWholeBatch() {
    MlpSpec spec = spec(40, Activation.RELU, true, 32);
    assertNotNull(layout(spec, OptimizerKind.SGD, 128, HOPPER));
    assertNull(layout(spec, OptimizerKind.SGD, 2000, HOPPER));
    assertNotNull(layout(spec(40, Activation.RELU, false, 32), OptimizerKind.SGD, 2000, HOPPER));
  }

  @Test
  void everyRowOfAChunkHasAThread() {
    for (int batch = 1; batch < 600; batch += 13) {
      MlpSpec spec = spec(3, Activation.TANH, false, 2);
      PersistentLayout layout = fitting(spec, OptimizerKind.SGD, batch, HOPPER);
      assertTrue(layout.capacity() <= layout.threads());
      assertTrue(layout.threads() <= 512);
      assertEquals(0, layout.threads() % 32);
      assertEquals(0, layout.capacity() % 4);
      assertTrue(batch <= 512 ? layout.capacity() >= batch : layout.capacity() * 2 >= batch);
    }
  }
}
