package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.engine.cuda.KrylovSteps.Row;
import org.basin.engine.cuda.KrylovSteps.Rows;
import org.basin.linalg.KrylovSequences;
import org.basin.linalg.NonFiniteProductException;
import org.basin.train.Curvature;
import org.jspecify.annotations.Nullable;

/**
 * Lanczos' recurrences of a network's curvature with their bases in the GPU's memory: of a step the
 * host sees no more than its coefficients.
 */
final class CudaSequences implements KrylovSequences {
  /** Part of the GPU's memory up to which sequences are there, as {@link GrowingBuffers} are. */
  private static final int MEMORY_PART = 8;

  private final Place place;
  private final Stream stream;
  private final KrylovSteps steps;
  private final Curvature curvature;
  private final float[] theta;
  private final int size;
  private final DeviceArena arena;
  private final KrylovArrays arrays;
  private final int[] dimensions;
  private int products;

  /**
   * Whose they are.
   *
   * @param network its number in {@code stack}
   * @param answers answers its calls
   */
  record Place(ObjectiveStack stack, int network, CudaObjective.Answers answers) {
    /** Does what a network does apart from others. */
    private void apart(Runnable work) {
      answers.answer(new ObjectiveCall.Apart(network, work));
    }
  }

  /**
   * Sequences as {@link org.basin.train.Objective#sequences} describes them; null when they would
   * take more than an eighth of the GPU's memory, or more than is free.
   */
  static @Nullable CudaSequences open(
      Place place, Curvature curvature, float[] theta, float[][] known, int count, int steps) {
    Gpu gpu = place.stack.gpu();
    DeviceArena arena = new DeviceArena(gpu.memory());
    KrylovArrays arrays = new KrylovArrays(arena, place.stack.size(), count, known.length + steps);
    KrylovSteps kernels = new KrylovSteps(gpu);
    if (arena.bytes() > gpu.memory().whole() / MEMORY_PART || !arena.tryAllocate()) {
      return null;
    }
    try {
      CudaSequences sequences =
          new CudaSequences(place, kernels, curvature, theta, arena, arrays, count);
      sequences.upload(known);
      return sequences;
    } catch (RuntimeException | Error failure) {
      try (arena) {
        throw failure;
      }
    }
  }

  private CudaSequences(
      Place place,
      KrylovSteps steps,
      Curvature curvature,
      float[] theta,
      DeviceArena arena,
      KrylovArrays arrays,
      int count) {
    this.place = place;
    stream = place.stack.stream();
    this.steps = steps;
    this.curvature = curvature;
    this.theta = theta;
    this.arena = arena;
    this.arrays = arrays;
    size = place.stack.size();
    dimensions = new int[count];
  }

  private void upload(float[][] known) {
    for (int j = 0; j < known.length; j++) {
      stream.write(arrays.bases(), arrays.vector(0, j), known[j], 0, size);
      stream.synchronize(); // one after the other through the same page-locked memory
    }
    for (int s = 1; s < dimensions.length; s++) {
      long from = arrays.bases().address();
      stream.copy(arrays.bases().address(arrays.vector(s, 0)), from, (long) known.length * size);
    }
    stream.synchronize();
    Arrays.fill(dimensions, known.length);
  }

  @Override
  public int dimension(int sequence) {
    return dimensions[sequence];
  }

  @Override
  public int capacity() {
    return arrays.capacity();
  }

  /** Which matrix they are of. */
  Curvature curvature() {
    return curvature;
  }

  @Override
  public double turn(int sequence, double[] direction) {
    double[] norms = new double[KrylovSteps.NORMS];
    place.apart(
        () -> {
          stream.write(arrays.directions(), arrays.direction(sequence), direction);
          Row row = arrays.meeting(sequence, sequence, dimensions[sequence]);
          steps.orthogonalize(stream, write(List.of(row)));
          stream.read(arrays.numbers(), arrays.number(sequence), norms);
          stream.synchronize();
        });
    return norms[1];
  }

  private Rows write(List<Row> rows) {
    KrylovSteps.write(stream, arrays.rows(), rows);
    return new Rows(arrays.rows().address(), rows.size(), size, arrays.capacity());
  }

  @Override
  public List<Step> expand(int... sequences) {
    ObjectiveCall.Steps call = new ObjectiveCall.Steps(place.network, theta, this, sequences);
    place.answers.answer(call);
    return call.taken();
  }

  /**
   * A sequence's part in a step, which takes a vector more into its basis.
   *
   * @param item of {@code tangents}, where its vector is multiplied
   */
  Row grow(int sequence, TangentPass tangents, int item) {
    dimensions[sequence]++;
    long at = (long) item * size;
    return arrays.step(
        sequence,
        dimensions[sequence],
        tangents.vectors().address(at),
        tangents.products().address(at),
        curvature == Curvature.RESIDUAL ? tangents.aside().address(at) : 0);
  }

  /**
   * Answers {@code call} for a sequence whose step is done.
   *
   * @param reports holds its report from {@code at} on
   */
  void take(
      ObjectiveCall.Steps call,
      int sequence,
      TangentPass tangents,
      int item,
      double[] reports,
      int at) {
    products++;
    if (!Double.isFinite(reports[at])) {
      call.fail(nonFinite(tangents, item));
      return;
    }
    int first = at + KrylovSteps.NORMS;
    call.take(
        new Step(
            Arrays.copyOfRange(reports, first, first + dimensions[sequence]),
            reports[at],
            reports[at + 1]));
  }

  private NonFiniteProductException nonFinite(TangentPass tangents, int item) {
    float[] product = new float[size];
    float[] subtracted = new float[size];
    stream.read(tangents.products(), (long) item * size, product);
    if (curvature == Curvature.RESIDUAL) {
      stream.read(tangents.aside(), (long) item * size, subtracted);
    }
    stream.synchronize();
    int i = 0;
    while (Float.isFinite(product[i] - subtracted[i])) {
      i++;
    }
    return new NonFiniteProductException(products, i, product[i] - subtracted[i]);
  }

  @Override
  public float[][] combinations(int sequence, double[][] weights) {
    float[][] combined = new float[weights.length][size];
    place.apart(
        () -> {
          for (int from = 0; from < weights.length; from += KrylovArrays.GUESTS) {
            int count = Math.min(KrylovArrays.GUESTS, weights.length - from);
            List<Row> rows = new ArrayList<>();
            for (int g = 0; g < count; g++) {
              double[] coefficients = weights[from + g];
              int guest = arrays.guest(g);
              long first = arrays.number(guest) + 2L * KrylovSteps.NORMS;
              stream.write(arrays.numbers(), first, coefficients);
              rows.add(arrays.meeting(guest, sequence, coefficients.length));
            }
            Rows written = write(rows);
            steps.combine(stream, written);
            steps.append(stream, written);
            for (int g = 0; g < count; g++) {
              stream.read(arrays.guests(), (long) g * size, combined[from + g]);
            }
            stream.synchronize();
          }
        });
    return combined;
  }

  @Override
  public void restart(int sequence, double[][] weights) {
    float[][] kept = combinations(sequence, weights);
    place.apart(
        () -> {
          for (int j = 0; j < kept.length; j++) {
            stream.write(arrays.bases(), arrays.vector(sequence, j), kept[j]);
            stream.synchronize(); // one after the other through the same page-locked memory
          }
        });
    dimensions[sequence] = kept.length;
  }

  @Override
  public void project(int sequence, double[][] vectors) {
    place.apart(
        () -> {
          for (int from = 0; from < vectors.length; from += KrylovArrays.GUESTS) {
            int count = Math.min(KrylovArrays.GUESTS, vectors.length - from);
            List<Row> rows = new ArrayList<>();
            for (int g = 0; g < count; g++) {
              int guest = arrays.guest(g);
              stream.write(arrays.directions(), arrays.direction(guest), vectors[from + g]);
              rows.add(arrays.meeting(guest, sequence, dimensions[sequence]));
            }
            steps.orthogonalize(stream, write(rows));
            for (int g = 0; g < count; g++) {
              long at = arrays.direction(arrays.guest(g));
              stream.read(arrays.directions(), at, vectors[from + g]);
            }
            stream.synchronize();
          }
        });
  }

  /** No work on them is left: every call waits for its own. */
  @Override
  public void close() {
    Gpu gpu = place.stack.gpu();
    try {
      gpu.enter();
      arena.close();
    } catch (CudaException failure) {
      throw gpu.told(failure);
    }
  }
}
