package org.basin.engine;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
import org.basin.engine.cpu.CpuEngine;
import org.basin.engine.cpu.CpuObjectiveEngine;
import org.basin.engine.cpu.SgemmBenchmark;
import org.basin.engine.dl4j.Dl4jBackend;
import org.basin.engine.dl4j.Dl4jEngine;
import org.basin.model.MlpSpec;
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
   * @param objectives opens its objectives for a number of cores; null when it only trains
   */
  private record Candidate(
      String name,
      Supplier<EngineStatus> status,
      Supplier<TrainingEngine> open,
      @Nullable IntFunction<ObjectiveEngine> objectives,
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
   */
  public record Pace(double secondsPerStep, double multiplyAddsPerSecond, int stackSize) {}

  private final List<Candidate> candidates;

  private EngineRegistry(List<Candidate> candidates) {
    this.candidates = candidates;
  }

  /** The engines of this Basin. */
  public static EngineRegistry standard() {
    return new EngineRegistry(
        List.of(
            new Candidate(
                "cpu",
                EngineRegistry::cpu,
                CpuEngine::new,
                CpuObjectiveEngine::new,
                new Pace(1e-5, 4e10, 1),
                size -> CpuEngine.requireRoom(size.spec, size.options, size.trainingExamples)),
            new Candidate(
                "dl4j",
                () -> status("dl4j", Dl4jBackend.find()),
                () -> new Dl4jEngine(Dl4jBackend.find().device()),
                null,
                new Pace(1.2e-3, 2e10, 1),
                size -> {}))); // ND4J's memory is its own
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
   * @throws InvalidInputException when it is not known, or cannot be used here; lists every engine
   *     and why it is or is not there
   */
  public TrainingEngine open(String requested) {
    Candidate chosen = choose(requested);
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
                    && candidate.status.get().available());
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
    EngineRegistry registry = requested.equals(AUTO) ? new EngineRegistry(answering) : this;
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
   * What matrix products reach on one core here, whichever engine is measured against it.
   *
   * @throws InvalidInputException when OpenBLAS cannot be loaded
   */
  public static double sgemmGflops(int rows, int columns, int inner, double seconds) {
    return SgemmBenchmark.gflops(rows, columns, inner, seconds);
  }

  private Candidate choose(String requested) {
    for (Candidate candidate : candidates) {
      if (!requested.equals(AUTO) && !requested.equals(candidate.name)) {
        continue;
      }
      EngineStatus status = candidate.status.get();
      if (status.available()) {
        return candidate;
      }
      if (!requested.equals(AUTO)) {
        throw new InvalidInputException(
            "engine %s cannot be used here: %s; %s"
                .formatted(requested, status.reason(), listed()));
      }
      LOG.info("engine {} is not taken: {}", candidate.name, status.reason());
    }
    throw new InvalidInputException(
        requested.equals(AUTO)
            ? "no engine can be used here; " + listed()
            : "there is no engine '%s'; %s".formatted(requested, listed()));
  }

  private String listed() {
    return statuses().stream()
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
