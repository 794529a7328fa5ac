package org.basin.engine.dl4j;

import java.util.Arrays;
import org.basin.train.GradientClipping;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Clips the gradient between DL4J's backward pass and its updater, and takes its norm.
 *
 * <p>DL4J has no clipping by the global norm, and its built-in clippings corrupt batch
 * normalisation's running statistics, whose pseudo-gradients stand in the same vector. At this
 * point of an iteration the vector holds sums over the batch.
 */
final class GradientListener extends BaseTrainingListener {
  private final GradientClipping clipping;
  private final int[] trained;
  private int batch;
  private boolean measure;
  private double norm = Double.NaN;

  /**
   * A listener for one network.
   *
   * @param clipping what to clip
   * @param isTrained which elements of DL4J's vector are parameters, not running statistics
   */
  GradientListener(GradientClipping clipping, boolean[] isTrained) {
    this.clipping = clipping;
    int count = 0;
    int[] indices = new int[isTrained.length];
    for (int i = 0; i < isTrained.length; i++) {
      if (isTrained[i]) {
        indices[count++] = i;
      }
    }
    this.trained = Arrays.copyOf(indices, count);
  }

  /** Announces the next iteration: its batch, and whether its gradient's norm is wanted. */
  void expect(int nextBatch, boolean measureNorm) {
    batch = nextBatch;
    measure = measureNorm;
  }

  /** Norm of the mean gradient, before clipping, of the last iteration that was measured. */
  double norm() {
    return norm;
  }

  @Override
  public void onGradientCalculation(Model model) {
    if (!measure && !clipping.active()) {
      return;
    }
    INDArray view = ((MultiLayerNetwork) model).getGradientsViewArray();
    float[] sums = view.data().asFloat();
    float[] mean = new float[trained.length];
    for (int i = 0; i < trained.length; i++) {
      mean[i] = sums[trained[i]] / batch;
    }
    if (measure) {
      norm = GradientClipping.norm(mean);
    }
    if (clipping.active()) {
      clipping.clip(mean);
      for (int i = 0; i < trained.length; i++) {
        sums[trained[i]] = mean[i] * batch;
      }
      view.assign(Nd4j.createFromArray(sums).reshape(view.shape()));
    }
  }
}
