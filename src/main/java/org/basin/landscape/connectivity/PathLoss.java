package org.basin.landscape.connectivity;

import org.basin.data.Examples;
import org.basin.landscape.RecalibratedStatistics;
import org.basin.landscape.Subject;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.jspecify.annotations.Nullable;

/**
 * Loss and error of any network of the subject's architecture: the objective on the measured
 * training examples, and the plain loss on the test examples.
 *
 * <p>Under {@link BatchNormPolicy#BATCH} every network has the statistics of the measured training
 * examples, on the test examples too (Garipov et al. 2018; Jordan et al. 2023). Under {@link
 * BatchNormPolicy#FROZEN} it has its own.
 */
final class PathLoss implements AutoCloseable {
  private final Subject subject;
  private final Examples train;
  private final Examples test;
  private final ObjectiveOptions plain;
  private final boolean normalized;
  private final boolean recalibrated;
  // Held open where no statistics are constants of theirs.
  private final @Nullable Objective trainObjective;
  private final @Nullable Objective testObjective;

  /**
   * What was found of one network.
   *
   * @param trainLoss the objective
   * @param trainError misclassified fraction of the measured training examples
   * @param testLoss mean plain loss
   * @param testError misclassified fraction of the test examples
   */
  record Evaluation(double trainLoss, double trainError, double testLoss, double testError) {}

  PathLoss(Subject subject) {
    this.subject = subject;
    train = subject.examples();
    test = subject.data().test();
    plain = new ObjectiveOptions(subject.options().loss(), 0, 0, BatchNormPolicy.FROZEN);
    normalized = subject.spec().normalized(0);
    recalibrated = subject.options().batchNorm() == BatchNormPolicy.BATCH;
    trainObjective = normalized && !recalibrated ? null : subject.objective();
    testObjective =
        normalized
            ? null
            : subject.engine().objective(subject.spec(), plain, test, subject.state());
  }

  /** Loss and error of a network. */
  Evaluation of(NetworkState network) {
    NetworkState used =
        normalized && recalibrated
            ? RecalibratedStatistics.of(subject.spec(), network, train, subject.engine())
            : network;
    float[] theta = used.parameters();
    Objective onTrain = trainObjective;
    Objective onTest = testObjective;
    try (Objective ownTrain = onTrain == null ? open(subject.options(), train, used) : null;
        Objective ownTest = onTest == null ? open(plain, test, used) : null) {
      onTrain = onTrain == null ? ownTrain : onTrain;
      onTest = onTest == null ? ownTest : onTest;
      double trainLoss = onTrain.loss(theta);
      // Which loss does not matter to the error; this one is the quickest.
      double trainError = evaluation(LossFunction.MSE, onTrain, train, theta).error();
      LossEvaluation tested = evaluation(plain.loss(), onTest, test, theta);
      return new Evaluation(trainLoss, trainError, tested.loss(), tested.error());
    }
  }

  private Objective open(ObjectiveOptions options, Examples examples, NetworkState statistics) {
    return subject.engine().objective(subject.spec(), options, examples, statistics);
  }

  private static LossEvaluation evaluation(
      LossFunction loss, Objective objective, Examples examples, float[] theta) {
    return LossEvaluation.of(
        loss, objective.outputs(theta), examples.labels(), examples.classes(), 0);
  }

  @Override
  public void close() {
    if (trainObjective != null) {
      trainObjective.close();
    }
    if (testObjective != null) {
      testObjective.close();
    }
  }
}
