package org.basin.engine.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.basin.model.MlpSpec;
import org.basin.train.LearningRateSchedule;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerOptions;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingTask;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/**
 * A replica as a DL4J configuration.
 *
 * <p>A hidden layer with batch normalisation is three DL4J layers, dense without activation, batch
 * normalisation, activation: {@code BatchNormalization} ignores an activation of its own. Penalties
 * are stated layer by layer: stated globally, DL4J M2.1 applies weight decay twice.
 */
final class TrainingConfiguration {
  /** Batch normalisation's ε, Ioffe and Szegedy 2015's; DL4J's and PyTorch's default. */
  static final double NORM_EPSILON = 1e-5;

  /** Decay of batch normalisation's running statistics; DL4J's default, PyTorch's momentum 0.1. */
  static final double NORM_DECAY = 0.9;

  private final MlpSpec spec;
  private final OptimizerOptions optimizer;
  private final LossFunction loss;
  private final LearningRateSchedule schedule;

  private TrainingConfiguration(TrainingTask task) {
    spec = task.spec();
    optimizer = task.options().optimizer();
    loss = task.options().loss();
    schedule = TrainingLoop.schedule(task);
  }

  /** The configuration that trains {@code task}. */
  static MultiLayerConfiguration of(TrainingTask task) {
    return new TrainingConfiguration(task).build();
  }

  private MultiLayerConfiguration build() {
    // The parameters are set afterwards, so DL4J's own draw does not matter; its seed 0 would mean
    // the clock, 1 is as good as any.
    NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder().seed(1).list();
    int hidden = spec.hidden().size();
    for (int l = 0; l < hidden; l++) {
      DenseLayer.Builder dense = shaped(new DenseLayer.Builder(), l).hasBias(spec.bias());
      if (!spec.normalized(l)) {
        list.layer(dense.activation(activation()).build());
        continue;
      }
      list.layer(dense.activation(new ActivationIdentity()).build());
      list.layer(
          new BatchNormalization.Builder()
              .nIn(spec.fanOut(l))
              .nOut(spec.fanOut(l))
              .eps(NORM_EPSILON)
              .decay(NORM_DECAY)
              .useLogStd(false)
              .updater(updater(vectorRate(l)))
              .build());
      list.layer(new ActivationLayer.Builder().activation(activation()).build());
    }
    list.layer(
        shaped(new OutputLayer.Builder(lossFunction()), hidden)
            .hasBias(spec.bias())
            .activation(
                loss == LossFunction.CROSS_ENTROPY
                    ? new ActivationSoftmax()
                    : new ActivationIdentity())
            .build());
    return list.build();
  }

  private <T extends FeedForwardLayer.Builder<T>> T shaped(T builder, int layer) {
    double weightRate =
        spec.parameterization().weightRate(spec, layer, optimizer.name().adaptive());
    builder.regularization(penalties());
    return builder
        .nIn(spec.fanIn(layer))
        .nOut(spec.fanOut(layer))
        .updater(updater(weightRate))
        .biasUpdater(updater(vectorRate(layer)));
  }

  private double vectorRate(int layer) {
    return spec.parameterization().vectorRate(spec, layer, optimizer.name().adaptive());
  }

  private IUpdater updater(double multiplier) {
    ScheduledRate rate = new ScheduledRate(schedule, multiplier);
    return switch (optimizer.name()) {
      case SGD -> new Sgd(rate);
      case HEAVY_BALL -> new HeavyBall(rate, optimizer.momentum());
      // Built by name: the constructors' order of rate and momentum changes with their types.
      case NESTEROV ->
          Nesterovs.builder().learningRateSchedule(rate).momentum(optimizer.momentum()).build();
      case ADAM, ADAMW ->
          Adam.builder()
              .learningRateSchedule(rate)
              .beta1(optimizer.beta1())
              .beta2(optimizer.beta2())
              .epsilon(optimizer.epsilon())
              .build();
    };
  }

  private List<Regularization> penalties() {
    List<Regularization> penalties = new ArrayList<>();
    if (optimizer.l2() > 0) {
      penalties.add(new L2Regularization(optimizer.l2()));
    }
    if (optimizer.decay() > 0) {
      penalties.add(new WeightDecay(optimizer.decay(), true));
    }
    return penalties;
  }

  private ILossFunction lossFunction() {
    return switch (loss) {
      case CROSS_ENTROPY -> new LossMCXENT();
      case MSE -> new LossMSE();
    };
  }

  private IActivation activation() {
    return switch (spec.activation()) {
      case RELU -> new ActivationReLU();
      case TANH -> new ActivationTanH();
      case GELU -> new Gelu();
      case IDENTITY -> new ActivationIdentity();
    };
  }
}
