package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.basin.engine.cuda.KrylovSteps.Row;
import org.basin.engine.cuda.KrylovSteps.Rows;
import org.basin.linalg.KrylovSequences;
import org.basin.linalg.NonFiniteProductException;
import org.basin.train.Curvature;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lanczos' recurrences of an objective's curvature with their bases in the GPU's memory: of a step
 * the host sees no more than its coefficients. A step that comes again is recorded, and is one
 * launch from then on.
 */
final class CudaSequences implements KrylovSequences {
  private static final Logger LOG = LoggerFactory.getLogger(CudaSequences.class);

  /** Part of the GPU's memory up to which sequences are there, as {@link GrowingBuffers} are. */
  private static final int MEMORY_PART = 8;

  private final CudaObjective objective;
  private final Stream stream;
  private final KrylovSteps steps;
  private final Curvature curvature;
  private final float[] theta;
  private final int size;
  private final DeviceArena arena;
  private final KrylovArrays arrays;
  private final int[] dimensions;
  private final Map<Integer, @Nullable Graph> graphs = new HashMap<>(); // by number of sequences
  private @Nullable TangentPass recorded; // buffers that the graphs are of
  private boolean records = true;
  private int products;

  /**
   * Sequences as {@link org.basin.train.Objective#sequences} describes them; null when they would
   * take more than an eighth of the GPU's memory, or more than is free.
   *
   * @param stream of the objective
   */
  static @Nullable CudaSequences open(
      CudaObjective objective,
      Gpu gpu,
      Stream stream,
      Curvature curvature,
      float[] theta,
      float[][] known,
      int count,
      int steps) {
    DeviceArena arena = new DeviceArena(gpu.memory());
    KrylovArrays arrays =
        new KrylovArrays(
            arena, objective.size(), count, known.length + steps, curvature == Curvature.RESIDUAL);
    KrylovSteps kernels = new KrylovSteps(gpu);
    if (arena.bytes() > gpu.memory().whole() / MEMORY_PART || !arena.tryAllocate()) {
      return null;
    }
    try {
      CudaSequences sequences =
          new CudaSequences(objective, stream, kernels, curvature, theta, arena, arrays, count);
      sequences.upload(known);
      return sequences;
    } catch (RuntimeException | Error failure) {
      try (arena) {
        throw failure;
      }
    }
  }

  private CudaSequences(
      CudaObjective objective,
      Stream stream,
      KrylovSteps steps,
      Curvature curvature,
      float[] theta,
      DeviceArena arena,
      KrylovArrays arrays,
      int count) {
    this.objective = objective;
    this.stream = stream;
    this.steps = steps;
    this.curvature = curvature;
    this.theta = theta;
    this.arena = arena;
    this.arrays = arrays;
    size = objective.size();
    dimensions = new int[count];
  }

  private void upload(float[][] known) {
    for (int j = 0; j < known.length; j++) {
      stream.write(arrays.bases(), arrays.vector(0, j), known[j], 0, size);
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

  @Override
  public double turn(int sequence, double[] direction) {
    return objective.compute(
        () -> {
          stream.write(arrays.directions(), arrays.direction(sequence), direction);
          Row row = arrays.meeting(sequence, sequence, dimensions[sequence]);
          steps.orthogonalize(stream, write(List.of(row)));
          double[] norms = new double[KrylovSteps.NORMS];
          stream.read(arrays.numbers(), arrays.number(sequence), norms);
          stream.synchronize();
          return norms[1];
        });
  }

  private Rows write(List<Row> rows) {
    KrylovSteps.write(stream, arrays.rows(), rows);
    return new Rows(arrays.rows().address(), rows.size(), size, arrays.capacity());
  }

  @Override
  public List<Step> expand(int... sequences) {
    return objective.compute(
        () -> {
          List<Step> taken = new ArrayList<>();
          while (taken.size() < sequences.length) {
            TangentPass tangents = objective.tangents(theta, sequences.length);
            int from = taken.size();
            int to = Math.min(sequences.length, from + objective.vectorsAtOnce());
            taken.addAll(expand(tangents, Arrays.copyOfRange(sequences, from, to)));
          }
          return taken;
        });
  }

  private List<Step> expand(TangentPass tangents, int[] sequences) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < sequences.length; i++) {
      int s = sequences[i];
      dimensions[s]++;
      long at = (long) i * size;
      rows.add(
          arrays.step(
              s,
              dimensions[s],
              tangents.vectors().address(at),
              tangents.products().address(at),
              curvature == Curvature.RESIDUAL ? arrays.subtracted().address(at) : 0));
    }
    enqueueStep(tangents, write(rows));
    double[] numbers = new double[dimensions.length * arrays.stride()];
    stream.read(arrays.numbers(), 0, numbers);
    stream.synchronize();
    List<Step> taken = new ArrayList<>();
    for (int i = 0; i < sequences.length; i++) {
      int at = sequences[i] * arrays.stride();
      if (!Double.isFinite(numbers[at])) {
        throw nonFinite(tangents, i);
      }
      int first = at + KrylovSteps.NORMS;
      taken.add(
          new Step(
              Arrays.copyOfRange(numbers, first, first + dimensions[sequences[i]]),
              numbers[at],
              numbers[at + 1]));
    }
    products += sequences.length;
    return taken;
  }

  private NonFiniteProductException nonFinite(TangentPass tangents, int row) {
    float[] product = new float[size];
    float[] subtracted = new float[size];
    stream.read(tangents.products(), (long) row * size, product);
    if (curvature == Curvature.RESIDUAL) {
      stream.read(arrays.subtracted(), (long) row * size, subtracted);
    }
    stream.synchronize();
    int i = 0;
    while (Float.isFinite(product[i] - subtracted[i])) {
      i++;
    }
    return new NonFiniteProductException(products + row + 1, i, product[i] - subtracted[i]);
  }

  private void enqueueStep(TangentPass tangents, Rows rows) {
    boolean fixed = objective.enqueuePasses(curvature != Curvature.GAUSS_NEWTON);
    Graph graph = fixed ? graph(tangents, rows) : null;
    if (graph == null) {
      enqueue(tangents, rows);
    } else {
      graph.launch(stream);
    }
  }

  /** What a step records when it comes again; null when it is to be enqueued. */
  private @Nullable Graph graph(TangentPass tangents, Rows rows) {
    if (tangents != recorded) {
      closeGraphs();
      recorded = tangents;
    }
    if (!graphs.containsKey(rows.count())) {
      graphs.put(rows.count(), null); // it may never come again
      return null;
    }
    Graph known = graphs.get(rows.count());
    if (known == null && records) {
      try {
        known = stream.record(() -> enqueue(tangents, rows));
        graphs.put(rows.count(), known);
      } catch (CudaException failure) {
        if (failure.kind() == CudaException.Kind.OUT_OF_MEMORY) {
          throw failure;
        }
        // A library may do what cannot be recorded; a GPU that is lost fails again at once.
        records = false;
        LOG.info("steps are not recorded: {}", failure.getMessage());
      }
    }
    return known;
  }

  private void enqueue(TangentPass tangents, Rows rows) {
    steps.append(stream, rows);
    if (curvature == Curvature.RESIDUAL) {
      objective.enqueueProducts(tangents, rows.count(), false);
      stream.copy(
          arrays.subtracted().address(), tangents.products().address(), (long) rows.count() * size);
    }
    objective.enqueueProducts(tangents, rows.count(), curvature != Curvature.GAUSS_NEWTON);
    steps.orthogonalize(stream, rows);
  }

  @Override
  public float[][] combinations(int sequence, double[][] weights) {
    return objective.compute(
        () -> {
          float[][] combined = new float[weights.length][size];
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
          return combined;
        });
  }

  @Override
  public void restart(int sequence, double[][] weights) {
    float[][] kept = combinations(sequence, weights);
    objective.compute(
        () -> {
          for (int j = 0; j < kept.length; j++) {
            stream.write(arrays.bases(), arrays.vector(sequence, j), kept[j]);
          }
          stream.synchronize();
          dimensions[sequence] = kept.length;
          return kept;
        });
  }

  @Override
  public void project(int sequence, double[][] vectors) {
    objective.compute(
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
          return vectors;
        });
  }

  private void closeGraphs() {
    for (Graph graph : graphs.values()) {
      if (graph != null) {
        graph.close();
      }
    }
    graphs.clear();
  }

  @Override
  public void close() {
    objective.compute(
        () -> {
          try (arena) {
            stream.synchronize(); // before anything goes that work may use
          } finally {
            closeGraphs();
          }
          return size;
        });
  }
}
