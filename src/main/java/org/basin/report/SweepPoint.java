package org.basin.report;

import java.util.List;
import java.util.Map;
import org.basin.store.CompletedReplica;
import org.basin.train.TrainingStatus;

/**
 * The replicas of one point that are done.
 *
 * @param label value of the axis' setting, as the experiment file writes it
 * @param x that value as a number; on an axis of categories its index
 * @param varying the settings that vary in the sweep and this point's values
 * @param replicas at least one
 */
record SweepPoint(
    String label, double x, Map<String, String> varying, List<CompletedReplica> replicas) {

  /** Trained parameters P of each replica. */
  long parameters() {
    return replicas.getFirst().result().parameters();
  }

  /** Training examples n. */
  int trainExamples() {
    return replicas.getFirst().result().trainExamples();
  }

  /** Classes K. */
  int classes() {
    return replicas.getFirst().result().classes();
  }

  /** Whether training of the replica diverged: its figures are in no mean. */
  static boolean isDiverged(CompletedReplica replica) {
    return replica.result().status().equals(TrainingStatus.DIVERGED.fileName());
  }

  /** The replicas whose figures count. */
  List<CompletedReplica> finished() {
    return replicas.stream().filter(replica -> !isDiverged(replica)).toList();
  }

  /** Mean and interval over the finished replicas. */
  Estimate estimate(Metric metric) {
    return Estimate.of(
        finished().stream().mapToDouble(replica -> metric.of(replica.result())).toArray());
  }

  /** Replicas that end with every training example classified as it is labelled. */
  long reachingZeroTrainError() {
    return finished().stream().filter(replica -> replica.result().trainError() == 0.0).count();
  }
}
