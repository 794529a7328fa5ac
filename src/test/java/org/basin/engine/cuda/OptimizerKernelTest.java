package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.basin.engine.cuda.twin.OptimizerTwin;
import org.basin.engine.cuda.twin.OptimizerTwin.Hyperparameters;
import org.basin.engine.cuda.twin.OptimizerTwin.Tile;
import org.basin.train.OptimizerKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same bits as the twins: optimisers take no function that libraries round differently. */
class OptimizerKernelTest {
  private static final float NONE = Float.POSITIVE_INFINITY;

  /** Of three replicas: both bounds, neither, and one that is not reached. */
  private static final List<Hyperparameters> HYPER =
      List.of(
          new Hyperparameters(0.9f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.1f, 0.7f, 2),
          new Hyperparameters(0, 0.5f, 0.9f, 1e-3f, 0, 0, NONE, NONE),
          new Hyperparameters(0.5f, 0.9f, 0.99f, 1e-8f, 0.5f, 0, 100, 1e30f));

  private static final int REPLICAS = 3;

  /** As the kernels read them. */
  static float[] words(List<Hyperparameters> hyper) {
    float[] words = new float[8 * hyper.size()];
    for (int r = 0; r < hyper.size(); r++) {
      Hyperparameters h = hyper.get(r);
      float[] row = {
        h.momentum(),
        h.beta1(),
        h.beta2(),
        h.epsilon(),
        h.l2(),
        h.decay(),
        h.elementwise(),
        h.globalNorm()
      };
      System.arraycopy(row, 0, words, 8 * r, 8);
    }
    return words;
  }

  /** Every parameter is in one tile. */
  private static List<Tile> tiles(int size) {
    List<Tile> tiles = new ArrayList<>();
    for (int from = 0; from < size; from += 1000) {
      tiles.add(
          new Tile(
              from, Math.min(size, from + 1000), 1f / (1 + tiles.size()), tiles.size() % 3 != 1));
    }
    return tiles;
  }

  private static int[] tileWords(List<Tile> tiles) {
    return tiles.stream()
        .flatMapToInt(
            tile ->
                IntStream.of(
                    tile.from(),
                    tile.to(),
                    Float.floatToRawIntBits(tile.multiplier()),
                    tile.weight() ? 1 : 0))
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "SGD,1,4,true", "SGD,70001,70004,false", "HEAVY_BALL,2500,2501,true",
    "NESTEROV,1001,1001,true", "ADAM,9001,9003,true", "ADAMW,300,304,false"
  })
  void stepAsItsTwin(OptimizerKind optimizer, int size, int stride, boolean clips) {
    int kind = KernelCodes.of(optimizer);
    int steps = 3;
    int step = 1;
    RandomArrays random = new RandomArrays(9);
    float[] theta = random.normal(REPLICAS * stride, 0, 1);
    float[] gradient = random.normal(REPLICAS * stride, 0, 1);
    gradient[2 * stride] = Float.NaN;
    boolean moves = optimizer != OptimizerKind.SGD;
    float[] first = moves ? random.normal(REPLICAS * stride, 0, 1) : null;
    float[] second = optimizer.adaptive() ? random.normal(REPLICAS * stride, 2, 0.1) : null;
    float[] rates = random.normal(REPLICAS * steps * 2, 0.1, 0.01);
    double[] norms = new double[REPLICAS * OptimizerTwin.PARTS * 2];
    List<Tile> tiles = tiles(size);

    float[] twinTheta = theta.clone();
    float[] twinFirst = first == null ? null : first.clone();
    float[] twinSecond = second == null ? null : second.clone();
    double[] twinNorms = norms.clone();
    OptimizerTwin.gradientNorms(gradient, twinNorms, HYPER, size, stride);
    OptimizerTwin.optimize(
        twinTheta,
        gradient,
        twinFirst,
        twinSecond,
        HYPER,
        tiles,
        rates,
        clips ? twinNorms : null,
        kind,
        steps,
        step,
        stride);

    try (Bench bench = Bench.open()) {
      float[] hyper = words(HYPER);
      int[] tileWords = tileWords(tiles);
      bench.runInEveryOrder(
          () -> {
            bench.launchBlocks(
                "optimizer.cu",
                "gradient_norms",
                OptimizerTwin.PARTS,
                REPLICAS,
                256,
                bench.on(gradient),
                bench.on(norms),
                bench.on(hyper),
                size,
                (long) stride);
            bench.launchBlocks(
                "optimizer.cu",
                "optimize",
                tiles.size(),
                REPLICAS,
                256,
                bench.on(theta),
                bench.on(gradient),
                bench.on(first),
                bench.on(second),
                bench.on(hyper),
                bench.on(tileWords),
                bench.on(rates),
                clips ? bench.on(norms) : 0L,
                kind,
                steps,
                step,
                (long) stride);
          },
          theta,
          norms,
          first == null ? new float[0] : first,
          second == null ? new float[0] : second);
    }
    assertArrayEquals(twinNorms, norms);
    Bench.assertClose(twinTheta, theta, 0, 0);
    if (twinFirst != null) {
      Bench.assertClose(twinFirst, first, 0, 0);
    }
    if (twinSecond != null) {
      Bench.assertClose(twinSecond, second, 0, 0);
    }
  }
}
