package org.basin.execute;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.RandomPermutation;
import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.landscape.NormalizationStatistics;
import org.basin.landscape.Partner;
import org.basin.landscape.Probe;
import org.basin.landscape.ProbeConditions;
import org.basin.landscape.ProbeRequest;
import org.basin.landscape.RecalibratedStatistics;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Initialization;
import org.basin.model.NetworkState;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * One probe at one replica under its conditions: on all examples or on several parts of them, at
 * the trained network and, where an interval is stated, on the way to it.
 */
final class ReplicaProbing {
  /** The table of what was measured on the way. */
  static final String COURSE = "course";

  private final ProbeRequest request;
  private final TrainingTask task;
  private final ObjectiveEngine engine;
  private final Retraining retraining;
  private final @Nullable Partner partner;
  private final ProbeConditions conditions;
  private final Probe probe;
  private final float[] initial;
  private final List<Examples> parts;

  /**
   * Prepares to measure the replica that {@code task} trained.
   *
   * @param partner the network that it is compared with; null for a probe of single networks
   */
  ReplicaProbing(
      ProbeRequest request,
      TrainingTask task,
      ObjectiveEngine engine,
      Retraining retraining,
      @Nullable Partner partner) {
    this.request = request;
    this.task = task;
    this.engine = engine;
    this.retraining = retraining;
    this.partner = partner;
    conditions = request.conditions();
    probe = request.kind().open(request.options());
    initial =
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization())
            .parameters();
    conditions.requireWithin(task.data().train().count());
    parts = parts(task.data().train(), conditions);
  }

  /** All examples, or disjoint random parts of the stated size. */
  private static List<Examples> parts(Examples all, ProbeConditions conditions) {
    Integer size = conditions.examples();
    if (size == null) {
      return List.of(all);
    }
    SplittableRandom random = new SplittableRandom(conditions.seed());
    int[] order = RandomPermutation.of(all.count(), random);
    List<Examples> parts = new ArrayList<>();
    for (int part = 0; part < conditions.subsamples(); part++) {
      int[] indices = new int[size];
      System.arraycopy(order, part * size, indices, 0, size);
      parts.add(all.select(indices));
    }
    return parts;
  }

  /**
   * Measures.
   *
   * @param state the trained network
   * @throws InterruptedException when the thread was interrupted
   */
  Measurement measure(NetworkState state) throws InterruptedException {
    // Replicas draw independently of each other, so that what a point averages is independent.
    SplittableRandom random =
        new SplittableRandom(new SplittableRandom(conditions.seed()).nextLong() + task.seed());
    Measurement measured = measure(state, null, random.split());
    Integer every = conditions.everySteps();
    return every == null ? measured : withCourse(measured, every, random);
  }

  private Measurement withCourse(Measurement trained, int every, SplittableRandom random)
      throws InterruptedException {
    List<String> columns = new ArrayList<>(List.of("step", "learningRate"));
    for (String scalar : trained.scalars().keySet()) {
      columns.addAll(List.of(scalar, scalar + ".standardError", scalar + ".converged"));
    }
    List<double[]> rows = new ArrayList<>();
    retraining.run(
        step -> Math.ceilDiv(step, every) * every,
        snapshot -> {
          SequencedMap<String, Uncertain> scalars =
              measure(snapshot.state(), snapshot, random.split()).scalars();
          double[] row = new double[columns.size()];
          row[0] = snapshot.step();
          row[1] = snapshot.learningRate();
          int next = 2;
          for (String scalar : trained.scalars().keySet()) {
            Uncertain value =
                scalars.getOrDefault(scalar, Uncertain.of(Double.NaN, List.of(), false));
            row[next++] = value.value();
            row[next++] = value.standardError();
            row[next++] = value.converged() ? 1 : 0;
          }
          rows.add(row);
        });
    List<Table> tables = new ArrayList<>(trained.tables());
    tables.add(new Table(COURSE, columns, rows));
    return new Measurement(trained.scalars(), trained.details(), tables, trained.vectors());
  }

  private Measurement measure(
      NetworkState state, @Nullable TrainingSnapshot snapshot, SplittableRandom random)
      throws InterruptedException {
    List<Measurement> measurements = new ArrayList<>();
    for (Examples examples : parts) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      boolean recalibrated = conditions.batchNorm() == NormalizationStatistics.RECALIBRATED;
      NetworkState normalized =
          recalibrated ? RecalibratedStatistics.of(task.spec(), state, examples, engine) : state;
      Subject subject =
          new Subject(
              task.spec(),
              task.options(),
              normalized,
              initial,
              examples,
              task.data(),
              request.objective(task.options()),
              engine,
              snapshot,
              retraining,
              partner);
      measurements.add(probe.measure(subject, random.split()));
    }
    return measurements.size() == 1 ? measurements.getFirst() : mean(measurements);
  }

  /**
   * The mean over disjoint parts of the examples, its error from their spread, which holds that of
   * random vectors as well. Tables, vectors and details are the first part's.
   */
  private static Measurement mean(List<Measurement> parts) {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    Measurement first = parts.getFirst();
    for (String name : first.scalars().keySet()) {
      double[] values = new double[parts.size()];
      boolean converged = true;
      for (int i = 0; i < values.length; i++) {
        Uncertain value = parts.get(i).scalars().get(name);
        if (value == null) {
          throw new InvalidInputException(name + " was not measured on every part of the examples");
        }
        values[i] = value.value();
        converged &= value.converged();
      }
      if (Arrays.stream(values).allMatch(Double::isFinite)) {
        Uncertain mean = Uncertain.mean(values, Uncertain.Source.SUBSAMPLE);
        scalars.put(name, Uncertain.of(mean.value(), mean.sources(), converged));
      } else {
        scalars.put(name, Uncertain.of(Double.NaN, List.of(), false));
      }
    }
    return new Measurement(scalars, first.details(), first.tables(), first.vectors());
  }
}
