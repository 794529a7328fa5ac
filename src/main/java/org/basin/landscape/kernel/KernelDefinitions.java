package org.basin.landscape.kernel;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the kernel probe is. */
final class KernelDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private KernelDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "tracePerExample",
        "tr Θ / order, the mean of the kernel's diagonal: how far a small step on an example moves"
            + " its own output");
    scalars.put(
        "normPerExample", "‖Θ‖ / order, the size of the whole kernel (Frobenius norm) per row");
    scalars.put("drift", "‖Θ − Θ₀‖ / ‖Θ₀‖, how far the kernel is from the one before training");
    scalars.put(
        "kernelDistance",
        "1 − ⟨Θ, Θ₀⟩ / (‖Θ‖ ‖Θ₀‖), how much the kernel turned in training, its growth as a"
            + " whole left out");
    scalars.put(
        "alignment",
        "⟨Θ, YYᵀ⟩ / (‖Θ‖ ‖YYᵀ‖), how much the kernel looks like the one that knows the"
            + " classes (Y one-hot); 1 is the same up to a factor");
    scalars.put(
        "centredAlignment",
        "The alignment of kernel and classes after the mean was taken out of both, C Θ C and"
            + " C YYᵀ C with C = I − 11ᵀ/n");
    scalars.put(
        "initialAlignment",
        "⟨Θ₀, YYᵀ⟩ / (‖Θ₀‖ ‖YYᵀ‖), the alignment of the kernel before training with the"
            + " classes");
    scalars.put(
        "linearizationError",
        "‖f(θ) − f_lin(θ)‖ / ‖f(θ) − f(θ₀)‖, how wrong the network that is linear in its"
            + " parameters around θ₀ is about the outputs' change, at the trained parameters θ");
    scalars.put(
        "largestEigenvaluePerExample",
        "Largest eigenvalue of the kernel / its order: how fast the outputs' fastest direction is"
            + " learnt");
    scalars.put(
        "participationRatio",
        "(Σ λ)² / Σ λ², how many eigenvalues of the kernel count, by their squares");
    scalars.put(
        "entropyRank",
        "exp(−Σ p ln p) with p = λ / Σ λ, how many eigenvalues of the kernel count, by their"
            + " entropy");
    scalars.put(
        "conditionNumber",
        "Largest / smallest eigenvalue of the kernel: how much faster the fastest direction"
            + " of outputs is learnt than the slowest");
    scalars.put("parameterMovement", "‖θ − θ₀‖ / ‖θ₀‖, how far the parameters moved in training");
    scalars.put(
        "linearizedDisagreement",
        "Distance between the training outputs of the network and of the linearised one"
            + " trained on the same batches, over how far the network's moved; 0 is a network that"
            + " trains like its kernel");
    scalars.put(
        "linearizedTestDisagreement",
        "The same distance of trained network and trained linearised network, over how far"
            + " the network moved, on test examples");
    scalars.put(
        "linearizedTestError",
        "Misclassified share of the test examples by the linearised network after its own"
            + " training");
    return scalars;
  }
}
