package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.basin.engine.cuda.twin.KrylovTwin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KrylovKernelTest {
  private static final int MOST = 20;

  private final SplittableRandom random = new SplittableRandom(31);

  private double[] doubles(int count) {
    return random.doubles(count, -1, 1).toArray();
  }

  private float[] floats(int count) {
    return new RandomArrays(random.nextLong()).normal(count, 0, 1);
  }

  private KrylovTwin.Sequence sequence(
      int size, int dimension, boolean step, boolean difference, boolean beside) {
    return new KrylovTwin.Sequence(
        floats(MOST * size),
        step ? dimension - 1 : -1,
        beside ? floats(size) : null,
        step ? floats(size) : null,
        difference ? floats(size) : null,
        doubles(size),
        doubles(2 + MOST),
        doubles(MOST),
        doubles((MOST + 1) * KrylovSteps.chunks(size)),
        dimension);
  }

  private static KrylovTwin.Sequence copy(KrylovTwin.Sequence s) {
    return new KrylovTwin.Sequence(
        s.basis().clone(),
        s.slot(),
        clone(s.vector()),
        s.product(),
        s.subtracted(),
        s.direction().clone(),
        s.numbers().clone(),
        s.corrections().clone(),
        s.parts().clone(),
        s.dimension());
  }

  private static float @Nullable [] clone(float @Nullable [] values) {
    return values == null ? null : values.clone();
  }

  private static Stream<Object> written(KrylovTwin.Sequence s) {
    Stream<Object> always =
        Stream.of(s.basis(), s.direction(), s.numbers(), s.corrections(), s.parts());
    return s.vector() == null ? always : Stream.concat(always, Stream.of(s.vector()));
  }

  private static KrylovSteps.Row row(Bench bench, KrylovTwin.Sequence s) {
    long basis = bench.on(s.basis());
    return new KrylovSteps.Row(
        basis,
        s.slot() < 0 ? 0 : basis + (long) s.slot() * s.direction().length * Float.BYTES,
        bench.on(s.vector()),
        bench.on(s.product()),
        bench.on(s.subtracted()),
        bench.on(s.direction()),
        bench.on(s.numbers()),
        bench.on(s.corrections()),
        bench.on(s.parts()),
        s.dimension());
  }

  /** Sequences of any dimensions in one launch, and one that has no part in it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 33, 512, 1300, 17_000})
  void stepsAndCombinationsAsTheirTwins(int size) {
    List<KrylovTwin.Sequence> taking =
        List.of(
            sequence(size, 1, true, false, true),
            sequence(size, -1, true, false, true),
            sequence(size, MOST, true, true, true),
            sequence(size, 9, false, false, false),
            sequence(size, 0, false, false, false));
    taking.get(0).product()[size / 2] = Float.NaN;
    List<KrylovTwin.Sequence> combining =
        List.of(sequence(size, 3, false, false, true), sequence(size, MOST, false, false, true));
    List<KrylovTwin.Sequence> twins = taking.stream().map(KrylovKernelTest::copy).toList();
    List<KrylovTwin.Sequence> combined = combining.stream().map(KrylovKernelTest::copy).toList();
    KrylovTwin.append(twins);
    for (int stage : new int[] {KrylovTwin.TAKE, KrylovTwin.SUBTRACT, KrylovTwin.CORRECT}) {
      KrylovTwin.project(twins, stage);
      KrylovTwin.reduce(twins, stage);
    }
    KrylovTwin.project(combined, KrylovTwin.COMBINE);
    KrylovTwin.reduce(combined, KrylovTwin.COMBINE);
    KrylovTwin.append(combined);
    double[] untouched = taking.get(1).direction().clone();

    Object[] arrays =
        Stream.concat(taking.stream(), combining.stream())
            .flatMap(KrylovKernelTest::written)
            .toArray();
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () -> {
            launch(bench, taking, size, List.of("append", "0", "1", "2"));
            launch(bench, combining, size, List.of("3", "append"));
          },
          arrays);
    }
    Object[] expected =
        Stream.concat(twins.stream(), combined.stream())
            .flatMap(KrylovKernelTest::written)
            .toArray();
    for (int i = 0; i < arrays.length; i++) {
      if (arrays[i] instanceof float[] values) {
        assertArrayEquals((float[]) expected[i], values, "array " + i);
      } else {
        assertArrayEquals((double[]) expected[i], (double[]) arrays[i], "array " + i);
      }
    }
    assertArrayEquals(untouched, taking.get(1).direction());
    assertEquals(Double.NaN, taking.get(0).numbers()[0]);
    assertTrue(Double.isFinite(taking.get(2).numbers()[1]));
  }

  @Test
  void reportsAsTheirTwin() {
    List<KrylovTwin.Sequence> sequences =
        List.of(
            sequence(5, 3, true, false, false),
            sequence(5, -1, true, false, false),
            sequence(5, 0, false, false, false),
            sequence(5, MOST, true, false, false));
    int stride = KrylovSteps.reportStride(MOST);
    double[] reports = doubles(4 * stride);
    double[] expected = reports.clone();
    KrylovTwin.report(sequences, expected, stride);
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () -> {
            long rows =
                bench.on(KrylovSteps.fields(sequences.stream().map(s -> row(bench, s)).toList()));
            bench.launch("krylov.cu", "krylov_report", stride, 4, rows, bench.on(reports), stride);
          },
          reports);
    }
    assertArrayEquals(expected, reports);
    assertEquals(sequences.getLast().numbers()[1 + MOST], reports[4 * stride - 1]);
  }

  private static void launch(
      Bench bench, List<KrylovTwin.Sequence> sequences, int size, List<String> work) {
    long rows = bench.on(KrylovSteps.fields(sequences.stream().map(s -> row(bench, s)).toList()));
    for (String part : work) {
      if (part.equals("append")) {
        bench.launch("krylov.cu", "krylov_append", size, sequences.size(), rows, size);
      } else {
        int stage = Integer.parseInt(part);
        int chunks = KrylovSteps.chunks(size);
        bench.launchBlocks(
            "krylov.cu", "krylov_project", chunks, sequences.size(), 512, rows, stage, size);
        bench.launchBlocks(
            "krylov.cu",
            "krylov_reduce",
            Math.ceilDiv(MOST + 1, 8),
            sequences.size(),
            256,
            rows,
            stage,
            chunks);
      }
    }
  }
}
