package org.basin.engine;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.engine.cpu.CpuEngine;
import org.basin.engine.cpu.CpuObjectiveEngine;
import org.basin.engine.cpu.SgemmBenchmark;
import org.basin.engine.cuda.CudaDevices;
import org.basin.engine.cuda.CudaEngine;
import org.basin.engine.cuda.CudaObjectiveEngine;
import org.basin.engine.dl4j.Dl4jBackend;
import org.basin.engine.dl4j.Dl4jEngine;
import org.basin.model.MlpSpec;
import org.basin.train.EngineOptions;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses an engine: the only place that names them. Nothing of an engine is loaded before it is
 * asked for.
 */
public final class EngineRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(EngineRegistry.class);

  /** The name that lets Basin choose. */
  public static final String AUTO = "auto";

  /**
   * An engine that may or may not be usable here, in the order that {@code auto} tries them.
   *
   * @param onGpus whether it takes devices and TF32
   * @param objectives opens its objectives for a number of cores; null when it only trains
   */
  private record Candidate(
      String name,
      boolean onGpus,
      Supplier<EngineStatus> status,
      Supplier<TrainingEngine> open,
      @Nullable IntFunction<ObjectiveEngine> objectives,
      Supplier<Resources> resources,
      Pace pace,
      Consumer<ReplicaSize> requireRoom) {}

  /**
   * What decides how much memory a replica needs.
   *
   * @param spec the network
   * @param options how it is trained
   * @param trainingExamples number of training examples
   */
  public record ReplicaSize(MlpSpec spec, TrainingOptions options, int trainingExamples) {}

  /**
   * A rough pace, for estimates only, of what does one stack at a time: a core, or a GPU.
   *
   * @param secondsPerStep of a whole stack, whatever the networks' size
   * @param multiplyAddsPerSecond of all replicas of the stack together
   * @param stackSize as {@link TrainingEngine#stackSize}
   * @param words how good an estimate that is
   */
  public record Pace(
      double secondsPerStep, double multiplyAddsPerSecond, int stackSize, String words) {}

  private final EngineOptions options;
  private final List<Candidate> candidates;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  private EngineRegistry(EngineOptions options, List<Candidate> candidates) {
    this.options = options;
    this.candidates = candidates;
  }

  /** The engines of this Basin, that compute as each of them does unless told otherwise. */
  public static EngineRegistry standard() {
    return of(EngineOptions.DEFAULTS);
  }

  /** The engines of this Basin, that compute as {@code options} say. */
  public static EngineRegistry of(EngineOptions options) {
    Supplier<Resources> processor = () -> new Resources(Machine.cores(), false);
    return new EngineRegistry(
        options,
        List.of(
            new Candidate(
                "cuda",
                true,
                () -> cuda(options),
                () -> new CudaEngine(options),
                _ -> new CudaObjectiveEngine(options),
                () -> new Resources(CudaDevices.of(options).count(), true),
                // A dozen launches of 10 us, and a tenth of an H100's data sheet.
                new Pace(1.2e-4, 3e12, CudaEngine.STACK_SIZE, "a guess: no GPU was measured"),
                size ->
                    CudaEngine.requireRoom(
                        options, size.spec, size.options, size.trainingExamples)),
            new Candidate(
                "cpu",
                false,
                EngineRegistry::cpu,
                CpuEngine::new,
                CpuObjectiveEngine::new,
                processor,
                new Pace(1e-5, 4e10, 1, "rough"),
                size -> CpuEngine.requireRoom(size.spec, size.options, size.trainingExamples)),
            new Candidate(
                "dl4j",
                false,
                () -> status("dl4j", Dl4jBackend.find()),
                () -> new Dl4jEngine(Dl4jBackend.find().device()),
                null,
                processor,
                new Pace(1.2e-3, 2e10, 1, "rough"),
                size -> {}))); // ND4J's memory is its own
  }

  private static EngineStatus cuda(EngineOptions options) {
    String problem = CudaEngine.problem(options);
    return new EngineStatus(
        "cuda", problem == null, problem != null ? problem : CudaEngine.summary(options));
  }

  private static EngineStatus cpu() {
    String problem = CpuEngine.problem();
    return new EngineStatus(
        "cpu", problem == null, problem != null ? problem : CpuEngine.summary());
  }

  private static EngineStatus status(String name, Dl4jBackend backend) {
    return new EngineStatus(name, backend.usable(), backend.reason());
  }

  /** What can be used here, and why what cannot cannot. */
  public List<EngineStatus> statuses() {
    return candidates.stream().map(candidate -> candidate.status.get()).toList();
  }

  /**
   * The pace of the engine that {@code requested} would choose.
   *
   * @throws InvalidInputException as {@link #open} does
   */
  public Pace pace(String requested) {
    return choose(requested).pace;
  }

  /**
   * What the engine that {@code requested} would choose computes on side by side.
   *
   * @throws InvalidInputException as {@link #open} does
   */
  public Resources resources(String requested) {
    return choose(requested).resources.get();
  }

  /**
   * Checks that an engine can be opened and holds each of {@code sizes}, without allocating
   * anything.
   *
   * @throws InvalidInputException as {@link #open} does, or naming the bytes needed and available
   */
  public void requireUsable(String requested, List<ReplicaSize> sizes) {
    sizes.forEach(choose(requested).requireRoom);
  }

  /**
   * Opens an engine.
   *
   * @param requested an engine's name, or {@code auto}
   * @throws InvalidInputException when it is not known, cannot be used here, or does not compute on
   *     the devices or in the precision that are asked for; lists every engine and why it is or is
   *     not there
   */
  public TrainingEngine open(String requested) {
    Candidate chosen = choose(requested);
    tellRefusals(requested, chosen);
    LOG.info("engine {}: {}", chosen.name, chosen.status.get().reason());
    return chosen.open.get();
  }

  /** Whether {@link #openObjectives} would open something for {@code requested}. */
  public boolean answersObjectives(String requested) {
    return candidates.stream()
        .anyMatch(
            candidate ->
                candidate.objectives != null
                    && (requested.equals(AUTO) || requested.equals(candidate.name))
                    && complies(candidate)
                    && candidate.status.get().available());
  }

  /** The engine named; {@code auto} in its place where that only trains. */
  public String answering(String named) {
    boolean onlyTrains =
        candidates.stream()
            .anyMatch(candidate -> candidate.name.equals(named) && candidate.objectives == null);
    return onlyTrains ? AUTO : named;
  }

  /**
   * Opens an engine's objectives.
   *
   * @param requested an engine's name, or {@code auto} for the first that answers objectives
   * @param cores that one objective may use
   * @throws InvalidInputException as {@link #open} does, and when the engine named only trains
   */
  public ObjectiveEngine openObjectives(String requested, int cores) {
    Candidate chosen = chooseAnswering(requested);
    tellRefusals(requested, chosen);
    LOG.info("objectives on engine {}: {}", chosen.name, chosen.status.get().reason());
    return Objects.requireNonNull(chosen.objectives).apply(cores);
  }

  /**
   * Checks that objectives can be opened, without opening them.
   *
   * @throws InvalidInputException as {@link #openObjectives}
   */
  public void requireObjectives(String requested) {
    chooseAnswering(requested);
  }

  private Candidate chooseAnswering(String requested) {
    List<Candidate> answering = candidates.stream().filter(c -> c.objectives != null).toList();
    EngineRegistry registry =
        requested.equals(AUTO) ? new EngineRegistry(options, answering) : this;
    Candidate chosen = registry.choose(requested);
    if (chosen.objectives == null) {
      throw new InvalidInputException(
          answering.stream()
              .map(Candidate::name)
              .collect(
                  Collectors.joining(
                      ", ",
                      "engine %s only trains: it answers no gradients or curvature products at a"
                              .formatted(requested)
                          + " given point; allowed: auto, ",
                      "")));
    }
    return chosen;
  }

  /**
   * What matrix products reach on what {@code engine} computes on: one core, by OpenBLAS, or the
   * first GPU, by cuBLAS.
   *
   * @param batch products of one call to a GPU; a core does one at a time
   * @throws InvalidInputException when OpenBLAS cannot be loaded
   * @throws InterruptedException when the thread was interrupted
   */
  public static double matrixGflops(
      TrainingEngine engine, int rows, int columns, int inner, int batch, double seconds)
      throws InterruptedException {
    return engine instanceof CudaEngine cuda
        ? cuda.matrixGflops(rows, columns, inner, batch, seconds)
        : SgemmBenchmark.gflops(rows, columns, inner, seconds);
  }

  /** Whether a candidate computes as the options say. */
  private boolean complies(Candidate candidate) {
    return candidate.onGpus || options.gpuRequest().isEmpty();
  }

  private Candidate choose(String requested) {
    if (!requested.equals(AUTO)) {
      return named(requested);
    }
    for (Candidate candidate : candidates) {
      if (complies(candidate) && candidate.status.get().available()) {
        return candidate;
      }
    }
    String asked = options.gpuRequest();
    throw new InvalidInputException(
        asked.isEmpty()
            ? "no engine can be used here; " + listed(candidates)
            : "%s is not to be had here: %s; without it, auto computes on the CPU"
                .formatted(asked, whyNotOnGpus()));
  }

  private String whyNotOnGpus() {
    return candidates.stream()
        .filter(candidate -> candidate.onGpus)
        .map(candidate -> "engine " + candidate.name + ": " + candidate.status.get().reason())
        .collect(Collectors.joining(", "));
  }

  private Candidate named(String requested) {
    for (Candidate candidate : candidates) {
      if (!requested.equals(candidate.name)) {
        continue;
      }
      if (!complies(candidate)) {
        throw new InvalidInputException(
            "engine %s cannot honour %s: it computes in float32 on a device of its own choice;"
                    .formatted(requested, options.gpuRequest())
                + " allowed: engine cuda, or device auto and precision float32");
      }
      EngineStatus status = candidate.status.get();
      if (!status.available()) {
        throw new InvalidInputException(
            "engine %s cannot be used here: %s; %s"
                .formatted(
                    requested,
                    status.reason(),
                    listed(
                        candidates.stream()
                            .filter(each -> !each.name.equals(requested))
                            .toList())));
      }
      return candidate;
    }
    throw new InvalidInputException(
        "there is no engine '%s'; %s".formatted(requested, listed(candidates)));
  }

  /** Says, once, of every engine that {@code auto} would have taken before why it did not. */
  private void tellRefusals(String requested, Candidate chosen) {
    if (!requested.equals(AUTO)) {
      return;
    }
    for (Candidate candidate : candidates.subList(0, candidates.indexOf(chosen))) {
      EngineStatus status = candidate.status.get();
      if (!status.available() && told.add(candidate.name)) {
        LOG.info("engine {} is not taken: {}", candidate.name, status.reason());
      }
    }
  }

  private static String listed(List<Candidate> candidates) {
    return candidates.stream()
        .map(candidate -> candidate.status.get())
        .map(
            status ->
                "%s (%s: %s)"
                    .formatted(
                        status.name(),
                        status.available() ? "available" : "not available",
                        status.reason()))
        .collect(Collectors.joining(", ", "allowed: auto, ", ""));
  }
}
