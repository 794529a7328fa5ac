package org.basin.landscape.curvature;

import java.util.List;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.train.GradientClipping;

/** A gradient g, and how much of it lies in the span of the largest eigenvectors. */
final class GradientShare {
  private static final double EPSILON = Math.ulp(1f);

  private final float[] gradient;
  private final Uncertain norm;
  private final List<Eigenpair> pairs;

  /**
   * Of a gradient. Rounding in the passes acts as a relative change of the parameters by ε₃₂, which
   * moves g by up to ε₃₂ ‖H‖ ‖θ‖.
   *
   * @param moved ‖H‖ ‖θ‖
   * @param pairs the largest of H, descending
   */
  GradientShare(float[] gradient, double moved, List<Eigenpair> pairs) {
    this.gradient = gradient;
    this.pairs = pairs;
    double length = GradientClipping.norm(gradient);
    norm =
        Uncertain.of(
            length, List.of(Contribution.known(Source.ROUNDING, EPSILON * (length + moved))), true);
  }

  /** ‖g‖. */
  Uncertain norm() {
    return norm;
  }

  /**
   * ‖Qᵀg‖² / ‖g‖², with Q of the {@code top} largest; 0 where the gradient is 0. The vectors'
   * residuals turn the subspace by an angle Θ with sin Θ ≤ ‖HQ − QΛ‖_F / (λ_k − λ_{k+1}) (Davis and
   * Kahan 1970), and the share by no more than sin Θ.
   *
   * @param top fewer than there are pairs, unless those are all that H has
   */
  Uncertain within(int top) {
    if (norm.value() == 0) {
      return Uncertain.exact(0);
    }
    double within = 0;
    double squares = 0;
    boolean converged = true;
    for (Eigenpair pair : pairs.subList(0, top)) {
      double part = 0;
      for (int i = 0; i < gradient.length; i++) {
        part += (double) gradient[i] * pair.vector()[i];
      }
      within += part * part;
      squares += pair.residual() * pair.residual();
      converged &= pair.converged();
    }
    double turned = 0;
    if (top < pairs.size()) {
      double gap = pairs.get(top - 1).value() - pairs.get(top).value() - pairs.get(top).residual();
      turned = gap > 0 ? Math.min(1, Math.sqrt(squares) / gap) : 1;
      converged &= turned < 1;
    }
    double rounding = Math.min(1, 2 * norm.standardError() / norm.value());
    return Uncertain.of(
        within / (norm.value() * norm.value()),
        List.of(
            Contribution.known(Source.RESIDUAL, turned),
            Contribution.known(Source.ROUNDING, rounding)),
        converged);
  }
}
