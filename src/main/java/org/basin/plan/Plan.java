package org.basin.plan;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.basin.config.Assignment;
import org.basin.config.CanonicalForm;
import org.basin.config.Experiment;
import org.basin.config.Location;
import org.basin.config.ReplicaConfig;
import org.basin.config.SettingValue;
import org.basin.data.DataOptions;
import org.basin.data.DataShape;
import org.basin.model.MlpSpec;
import org.basin.train.BatchSize;
import org.basin.train.ScheduleKind;
import org.basin.train.ScheduleOptions;
import org.basin.train.StackShape;
import org.jspecify.annotations.Nullable;

/** An experiment expanded: its points and replicas, all checked, and what they cost. */
public final class Plan {
  /** Version of the lines of {@code plan.jsonl}. */
  public static final int SCHEMA_VERSION = 1;

  private final List<String> varying;
  private final List<Point> points;
  private final Map<String, Cost> costs;
  private final Map<String, StackShape> shapes;

  private Plan(
      List<String> varying,
      List<Point> points,
      Map<String, Cost> costs,
      Map<String, StackShape> shapes) {
    this.varying = varying;
    this.points = List.copyOf(points);
    this.costs = costs;
    this.shapes = shapes;
  }

  /**
   * Expands {@code experiment} and checks every point of it; one that trains nothing has none.
   *
   * @param experiment what to expand
   * @param shapes knows the data
   * @throws InvalidInputException when any point cannot be trained, when two are the same, or when
   *     there are none or too many; names file, line and setting
   */
  public static Plan of(Experiment experiment, DataShapes shapes) {
    if (!experiment.trains()) {
      return new Plan(List.of(), List.of(), Map.of(), Map.of());
    }
    List<String> varying = experiment.sweep().varying();
    Map<String, @Nullable Object> unvaried = new HashMap<>();
    varying.forEach(path -> unvaried.put(path, experiment.value(path)));
    PointNames names = new PointNames(varying);
    Map<DataOptions, DataShape> known = new HashMap<>();
    Map<String, List<Assignment>> identities = new HashMap<>();
    List<Point> points = new ArrayList<>();
    Map<String, Cost> costs = new HashMap<>();
    Map<String, StackShape> stackShapes = new HashMap<>();
    for (List<Assignment> combination : Expansion.of(experiment)) {
      ReplicaConfig config = experiment.resolve(combination);
      String hash = CanonicalForm.hash(config);
      List<Assignment> twin = identities.putIfAbsent(identity(config, hash), combination);
      if (twin != null) {
        throw where(experiment, combination)
            .problem(
                "the points %s and %s are the same configuration; allowed: each once"
                    .formatted(text(twin), text(combination)));
      }
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      varying.forEach(path -> values.put(path, unvaried.get(path)));
      combination.forEach(each -> values.put(each.path(), each.value()));
      DataShape shape =
          known.computeIfAbsent(config.data().clean(config.data().standardize()), shapes::of);
      Cost cost = Cost.of(config, shape);
      check(experiment, combination, config, shape, cost);
      Point point =
          new Point(
              names.next(values, hash),
              Collections.unmodifiableMap(values),
              config,
              hash,
              experiment.seeds());
      points.add(point);
      costs.put(point.name(), cost);
      MlpSpec spec = config.model().toSpec(shape.features(), shape.classes());
      stackShapes.put(point.name(), StackShape.of(spec, config.training(), shape));
    }
    return new Plan(varying, points, costs, stackShapes);
  }

  /** What tells points apart: the hash, and the data files, which are no part of it. */
  private static String identity(ReplicaConfig config, String hash) {
    return hash + config.data().csv() + config.data().idx();
  }

  private static void check(
      Experiment experiment,
      List<Assignment> combination,
      ReplicaConfig config,
      DataShape shape,
      Cost cost) {
    BatchSize batch = config.training().batchSize();
    if (!batch.isFull() && batch.examples() > shape.train()) {
      throw where(experiment, combination, "training.batchSize")
          .problem(
              "training.batchSize is %s, allowed: 1 to %d, the number of training examples, or full"
                  .formatted(batch, shape.train()));
    }
    if (config.training().stopping().patience() != null
        && config.data().validationFraction() == 0) {
      throw where(experiment, combination, "training.stopping.patience")
          .problem(
              "training.stopping.patience needs a validation set, but data.validationFraction is"
                  + " 0; allowed with it: above 0, below 1");
    }
    ScheduleOptions schedule = config.training().schedule();
    double rate = config.training().optimizer().learningRate();
    if (schedule.name() == ScheduleKind.COSINE && schedule.floor() > rate) {
      throw where(experiment, combination, "training.schedule.floor", "training.schedule.name")
          .problem(
              "training.schedule.floor is %s, allowed: 0 to %s, the learning rate"
                  .formatted(schedule.floor(), rate));
    }
    if (schedule.warmupSteps() > 0 && schedule.warmupSteps() >= cost.steps()) {
      throw where(experiment, combination, "training.schedule.warmupSteps")
          .problem(
              "training.schedule.warmupSteps is %d, allowed: below %d, the steps of the training"
                  .formatted(schedule.warmupSteps(), cost.steps()));
    }
    if (cost.parameters() > Integer.MAX_VALUE) {
      throw where(experiment, combination, "model.width", "model.hidden", "model.depth")
          .problem(
              "the network%s has %d parameters, allowed: up to %d"
                  .formatted(
                      combination.isEmpty() ? "" : " of " + text(combination),
                      cost.parameters(),
                      Integer.MAX_VALUE));
    }
  }

  /** Where the first of {@code paths} was given: by the sweep, else in the file. */
  private static Location where(
      Experiment experiment, List<Assignment> combination, String... paths) {
    for (String path : paths) {
      for (Assignment each : combination) {
        if (each.path().equals(path)) {
          return each.where();
        }
      }
    }
    for (String path : paths) {
      Location given = experiment.where(path);
      if (given != null) {
        return given;
      }
    }
    return experiment.where();
  }

  private static Location where(Experiment experiment, List<Assignment> combination) {
    return combination.isEmpty() ? experiment.where() : combination.getLast().where();
  }

  private static String text(List<Assignment> combination) {
    return combination.stream()
        .map(Assignment::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Paths of the settings that vary, in the sweep's order; the same in every point. */
  public List<String> varying() {
    return varying;
  }

  /** The points, in the sweep's order: the first axis varies slowest. */
  public List<Point> points() {
    return points;
  }

  /** The replicas, point after point, each in the order of the seeds. */
  public List<Replica> replicas() {
    return points.stream()
        .flatMap(point -> point.seeds().stream().map(seed -> new Replica(point, seed)))
        .toList();
  }

  /** What one replica of {@code point} costs. */
  public Cost cost(Point point) {
    return ofPlan(point, costs);
  }

  /** What decides which replicas those of {@code point} may train in lock-step with. */
  public StackShape shape(Point point) {
    return ofPlan(point, shapes);
  }

  private static <T> T ofPlan(Point point, Map<String, T> values) {
    T value = values.get(point.name());
    if (value == null) {
      throw new IllegalArgumentException(point.name() + " is not in this plan");
    }
    return value;
  }

  /** Optimiser steps of all replicas, when none stops early. */
  public long totalSteps() {
    return points.stream().mapToLong(p -> cost(p).steps() * p.seeds().size()).sum();
  }

  /**
   * One part of {@link #replicas()}, in their order: the costliest are dealt out first, each to the
   * part with the least to do so far (Graham 1969). The parts of one plan and {@code count} are
   * always the same, overlap nowhere and miss nothing.
   *
   * @param index which part, from 1
   * @param count how many parts
   */
  public List<Replica> shard(int index, int count) {
    if (count < 1 || index < 1 || index > count) {
      throw new InvalidInputException(
          "shard is %d/%d, allowed: i/n with i from 1 to n".formatted(index, count));
    }
    List<Replica> replicas = replicas();
    List<Integer> costliestFirst =
        IntStream.range(0, replicas.size())
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    (Integer r) -> -cost(replicas.get(r).point()).multiplyAdds()))
            .toList();
    double[] load = new double[count];
    int[] shardOf = new int[replicas.size()];
    for (int r : costliestFirst) {
      int lightest = 0;
      for (int s = 1; s < count; s++) {
        if (load[s] < load[lightest]) {
          lightest = s;
        }
      }
      shardOf[r] = lightest;
      load[lightest] += cost(replicas.get(r).point()).multiplyAdds();
    }
    List<Replica> shard = new ArrayList<>();
    for (int r = 0; r < shardOf.length; r++) {
      if (shardOf[r] == index - 1) {
        shard.add(replicas.get(r));
      }
    }
    return shard;
  }

  /**
   * The content of {@code plan.jsonl}: one JSON object a replica and line, with {@code point},
   * {@code seed}, {@code folder}, {@code varying}, {@code configHash}, {@code parameters} and
   * {@code steps}.
   */
  public String toJsonLines() {
    StringBuilder lines = new StringBuilder();
    for (Replica replica : replicas()) {
      lines.append(json(replica)).append('\n');
    }
    return lines.toString();
  }

  private ObjectNode json(Replica replica) {
    Point point = replica.point();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("schemaVersion", SCHEMA_VERSION);
    json.put("point", point.name());
    json.put("seed", replica.seed());
    json.put("folder", replica.folder());
    ObjectNode values = json.putObject("varying");
    point.varying().forEach((path, value) -> values.set(path, SettingValue.json(value)));
    json.put("configHash", point.configHash());
    json.put("parameters", cost(point).parameters());
    json.put("steps", cost(point).steps());
    return json;
  }
}
