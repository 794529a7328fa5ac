package org.basin.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.basin.Machine;
import org.basin.RandomStreams;
import org.basin.bench.BenchmarkResult.MeasuredMachine;
import org.basin.data.DataOptions;
import org.basin.data.DatasetLoader;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.Resources;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.EngineDescription;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * Measures an engine by training with it as a sweep does: whole stacks of replicas through {@link
 * TrainingEngine#train}, one a core or GPU at a time.
 *
 * <p>Steps are timed by their reports of progress ({@link StepTimer}). Every figure is the median
 * of {@value #MEASUREMENTS} measurements after a warm-up, and the machine's rate of matrix products
 * is measured between them, so that whatever else the machine does strikes both.
 */
public final class Benchmark {
  /** Examples a step. */
  public static final int BATCH = 128;

  /** Widest network that is measured. */
  public static final int MAX_WIDTH = 4096;

  /** Vectors multiplied at once. */
  public static final int VECTORS = 8;

  private static final int MEASUREMENTS = 5;
  private static final int NEVER = 10_000_000; // evaluations: before the first step, after the last
  private static final int SQUARE = 512;
  private static final int SQUARE_OF_GPU = 4096; // smaller ones leave some of it idle
  private static final double SGEMM_SHARE_OF_TIME = 0.1;
  // Small: timed steps should leave the network as it was drawn, active and finite.
  private static final double LEARNING_RATE = 1e-3;

  private final TrainingEngine engine;
  private final SgemmRate sgemm;
  private final Resources resources;
  private final int replicas;
  private final double seconds;
  private final LongSupplier clock;
  private final Examples examples;
  private double leastShareOfCores = 1;

  /**
   * A benchmark of {@code engine}.
   *
   * @param sgemm what it is compared with
   * @param resources what it computes on
   * @param replicas networks a measurement
   * @param seconds to measure for, a width and table; a warm-up of half as long comes first
   */
  public Benchmark(
      TrainingEngine engine, SgemmRate sgemm, Resources resources, int replicas, double seconds) {
    this(engine, sgemm, resources, replicas, seconds, System::nanoTime);
  }

  /** As above, by another clock, of nanoseconds. */
  Benchmark(
      TrainingEngine engine,
      SgemmRate sgemm,
      Resources resources,
      int replicas,
      double seconds,
      LongSupplier clock) {
    this.engine = engine;
    this.sgemm = sgemm;
    this.resources = resources;
    this.clock = clock;
    this.replicas = replicas;
    this.seconds = seconds;
    examples = new DatasetLoader().load(DataOptions.DEFAULTS, Path.of(""), 1).train();
  }

  /** The machine and the engine that are measured. */
  public MeasuredMachine machine() {
    EngineDescription description = engine.description();
    return new MeasuredMachine(
        Machine.processor(),
        Machine.cores(),
        Runtime.version().toString(),
        description.name(),
        description.device(),
        description.precision(),
        description.details());
  }

  /** Measures training: batches of {@value #BATCH}, each of them whole. */
  public TrainingMeasurement training(int width) throws InterruptedException {
    int whole = examples.count() / BATCH * BATCH;
    Workload work =
        new Workload(
            BenchmarkNetwork.ofWidth(width),
            split(first(whole), none()),
            new BatchSize(BATCH),
            NEVER);
    Median median = measure(work, null, width);
    double gflops = BenchmarkNetwork.stepOperations(work.spec, BATCH) / median.seconds * 1e-9;
    return new TrainingMeasurement(
        width,
        replicas,
        median.seconds * 1e6,
        1 / median.seconds,
        gflops,
        median.sgemmGflops,
        gflops / median.sgemmGflops);
  }

  /**
   * Measures the loss over all examples, as a replica in training is evaluated: it trains on a
   * single example and is tested on all after every step, less what the same costs without a test.
   */
  public EvaluationMeasurement evaluation(int width) throws InterruptedException {
    MlpSpec spec = BenchmarkNetwork.ofWidth(width);
    BatchSize one = new BatchSize(1);
    Workload tested = new Workload(spec, split(first(1), examples), one, 1);
    Workload untested = new Workload(spec, split(first(1), none()), one, 1);
    Median median = measure(tested, untested, width);
    double gflops =
        BenchmarkNetwork.evaluationOperations(spec, examples.count()) / median.seconds * 1e-9;
    return new EvaluationMeasurement(
        width,
        replicas,
        examples.count(),
        median.seconds * 1e6,
        gflops,
        median.sgemmGflops,
        gflops / median.sgemmGflops);
  }

  /**
   * Measures Hessian-vector products over all examples, {@value #VECTORS} vectors at once.
   *
   * @param objectives answers them, on all cores or one GPU
   */
  public ProductMeasurement products(ObjectiveEngine objectives, int width)
      throws InterruptedException {
    MlpSpec spec = BenchmarkNetwork.ofWidth(width);
    NetworkState state = Initialization.draw(spec, RandomStreams.of(1).initialization());
    ObjectiveOptions options =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN);
    float[] vectors = new float[VECTORS * state.parameters().length];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    float[] products = new float[vectors.length];
    double[] times = new double[MEASUREMENTS];
    double[] rates = new double[MEASUREMENTS];
    double[] squares = new double[MEASUREMENTS];
    try (Objective objective = objectives.objective(spec, options, examples, state)) {
      Runnable product =
          () -> objective.hessianVectors(state.parameters(), vectors, VECTORS, products);
      long calls = repeat(product, seconds / 2, 1) + 1;
      for (int i = 0; i < MEASUREMENTS; i++) {
        rates[i] = sgemmOfOneObjective(BATCH, width, VECTORS);
        squares[i] = sgemmOfOneObjective(square(), square(), 1);
        long start = clock.getAsLong();
        long done = repeat(product, 0, Math.max(1, calls / MEASUREMENTS));
        times[i] = (clock.getAsLong() - start) * 1e-9 / done / VECTORS;
      }
    }
    double time = median(times);
    double gflops = BenchmarkNetwork.productOperations(spec, examples.count()) / time * 1e-9;
    double sgemmGflops = Math.max(median(rates), median(squares));
    return new ProductMeasurement(
        width, examples.count(), VECTORS, time * 1e6, gflops, sgemmGflops, gflops / sgemmGflops);
  }

  /** Calls {@code work} for so many seconds, and at least so many times; how often it did. */
  private long repeat(Runnable work, double time, long least) {
    long start = clock.getAsLong();
    long calls = 0;
    while (calls < least || (clock.getAsLong() - start) * 1e-9 < time) {
      work.run();
      calls++;
    }
    return calls;
  }

  /**
   * The least share of a measurement's time that its workers ran in, up to 1: well below it where
   * other processes took the cores, and all figures are too slow then. 1 on GPUs, which workers
   * wait for.
   */
  public double leastShareOfCores() {
    return leastShareOfCores;
  }

  /** What every replica of a measurement does. */
  private record Workload(MlpSpec spec, Split data, BatchSize batchSize, int evaluateEvery) {
    TrainingTask task(int epochs, long seed) {
      OptimizerOptions nesterov =
          new OptimizerOptions(
              OptimizerKind.NESTEROV, LEARNING_RATE, 0.9, 0.9, 0.999, 1e-8, null, 0.0);
      TrainingOptions options =
          new TrainingOptions(
              LossFunction.CROSS_ENTROPY,
              epochs,
              batchSize,
              evaluateEvery,
              0.0,
              nesterov,
              ScheduleOptions.DEFAULTS,
              ClippingOptions.DEFAULTS,
              StoppingOptions.DEFAULTS);
      return new TrainingTask(spec, options, data, seed);
    }

    long stepsPerEpoch() {
      return TrainingLoop.stepsPerEpoch(data.train().count(), batchSize);
    }
  }

  /**
   * Steps that several replicas took, one stack a core or GPU at a time.
   *
   * @param steps of all of them
   * @param seconds of all cores or GPUs at work together
   * @param shareOfCores of that time that the workers ran, and did not wait for a core
   */
  private record Timing(long steps, double seconds, double shareOfCores) {
    double secondsPerStep() {
      return seconds / steps;
    }
  }

  /** Medians over the measurements. */
  private record Median(double seconds, double sgemmGflops) {}

  /**
   * Measures the steps of {@code work}.
   *
   * @param less steps whose time is taken away from that; null for none
   */
  private Median measure(Workload work, @Nullable Workload less, int width)
      throws InterruptedException {
    if (less != null) {
      warmUp(less);
    }
    double secondsPerEpoch = warmUp(work).secondsPerStep() * work.stepsPerEpoch();
    double wanted = seconds / MEASUREMENTS / (secondsPerEpoch * replicas);
    // The first epoch is not timed.
    int epochs = 1 + (int) Math.clamp(Math.ceil(wanted), 1, NEVER - 1);
    double[] steps = new double[MEASUREMENTS];
    double[] products = new double[MEASUREMENTS];
    double[] squares = new double[MEASUREMENTS];
    for (int i = 0; i < MEASUREMENTS; i++) {
      products[i] = sgemm(BATCH, width, stacks(replicas).getFirst().size());
      squares[i] = sgemm(square(), square(), 1);
      Timing timing = train(work, epochs, replicas);
      leastShareOfCores = Math.min(leastShareOfCores, timing.shareOfCores);
      steps[i] = timing.secondsPerStep();
      steps[i] -= less == null ? 0 : train(less, epochs, replicas).secondsPerStep();
    }
    return new Median(median(steps), Math.max(median(products), median(squares)));
  }

  /** Trains for longer and longer, until that takes the time of a warm-up. */
  private Timing warmUp(Workload work) throws InterruptedException {
    // On a GPU a replica's step costs the less the more of them there are.
    int count = resources.gpus() ? replicas : resources.count();
    int epochs = 2;
    Timing timing = train(work, epochs, count);
    while (timing.seconds < seconds / 2) {
      epochs *= 2;
      timing = train(work, epochs, count);
    }
    return timing;
  }

  /**
   * Seeds of {@code count} replicas, dealt to as few stacks as engine, cores and GPUs allow, no
   * core or GPU idle.
   */
  private List<List<Long>> stacks(int count) {
    int stacks =
        Math.max(Math.ceilDiv(count, engine.stackSize()), Math.min(resources.count(), count));
    List<List<Long>> seeds = new ArrayList<>();
    for (int i = 0; i < stacks; i++) {
      seeds.add(new ArrayList<>());
    }
    for (int i = 0; i < count; i++) {
      seeds.get(i % stacks).add(1L + i);
    }
    return seeds;
  }

  /** Trains {@code count} replicas, one stack a core or GPU at a time. */
  private Timing train(Workload work, int epochs, int count) throws InterruptedException {
    List<Callable<StepTimer>> each = new ArrayList<>();
    for (List<Long> seeds : stacks(count)) {
      each.add(() -> train(seeds.stream().map(seed -> work.task(epochs, seed)).toList()));
    }
    int atWork = Math.min(resources.count(), each.size());
    double time = 0;
    double processorTime = 0;
    long steps = 0;
    for (StepTimer timer : inParallel(each, atWork)) {
      time += timer.seconds();
      processorTime += timer.processorSeconds();
      steps += timer.steps();
    }
    return new Timing(steps, time / atWork, resources.gpus() ? 1 : processorTime / time);
  }

  private StepTimer train(List<TrainingTask> stack) throws InterruptedException {
    StepTimer timer = new StepTimer(clock);
    for (TrainingOutcome outcome : engine.train(stack, timer)) {
      if (outcome.status() != TrainingStatus.COMPLETED) {
        throw new IllegalStateException("a replica of the benchmark ended " + outcome.status());
      }
    }
    return timer;
  }

  private int square() {
    return resources.gpus() ? SQUARE_OF_GPU : SQUARE;
  }

  /**
   * The rate of all cores together, each at products of its own, or of all GPUs, by the first, at
   * [rows, inner] by [inner, inner].
   */
  private double sgemm(int rows, int inner, int batch) throws InterruptedException {
    double time = seconds / MEASUREMENTS * SGEMM_SHARE_OF_TIME;
    Callable<Double> one = () -> sgemm.gflops(rows, inner, inner, batch, time);
    if (resources.gpus()) {
      return resources.count() * sgemm.gflops(rows, inner, inner, batch, time);
    }
    int cores = resources.count();
    return inParallel(Collections.nCopies(cores, one), cores).stream()
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  /** The same of what one objective computes on: all cores, or one GPU. */
  private double sgemmOfOneObjective(int rows, int inner, int batch) throws InterruptedException {
    return sgemm(rows, inner, batch) / (resources.gpus() ? resources.count() : 1);
  }

  private static <T> List<T> inParallel(List<Callable<T>> work, int threads)
      throws InterruptedException {
    List<T> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<T> each : pool.invokeAll(work)) {
        results.add(each.get());
      }
    } catch (ExecutionException failure) {
      throw new IllegalStateException("a worker of the benchmark failed", failure.getCause());
    }
    return results;
  }

  private Examples first(int count) {
    return examples.select(IntStream.range(0, count).toArray());
  }

  private Examples none() {
    return first(0);
  }

  private Split split(Examples train, Examples test) {
    return new Split(train, none(), test, "");
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
