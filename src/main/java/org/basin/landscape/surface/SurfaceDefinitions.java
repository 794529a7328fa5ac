package org.basin.landscape.surface;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the surface probe is. */
final class SurfaceDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private SurfaceDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "randomCurvature",
        "dᵀHd, the curvature of the loss along a random direction d scaled neuron by neuron"
            + " to the weights: mean over directions");
    scalars.put(
        "randomSecondDifference",
        "(L(θ + hd) − 2L(θ) + L(θ − hd)) / h², the curvature along random directions d seen"
            + " over one step h of the drawn line: mean over directions");
    scalars.put(
        "randomNonConvexShare",
        "How much of the lines along random directions curves downwards, as a share of their"
            + " inner points: mean over directions");
    scalars.put(
        "randomPlaneNonConvexShare",
        "How much of the plane of two random directions curves downwards some way, as a share"
            + " of its inner points");
    scalars.put(
        "largestEigenvalue",
        "Largest eigenvalue of the Hessian: the curvature of the loss in the sharpest"
            + " direction");
    scalars.put(
        "largestEigenvectorNonConvexShare",
        "How much of the line along the eigenvector of the largest eigenvalue curves"
            + " downwards, as a share of its inner points");
    scalars.put(
        "smallestEigenvalue",
        "Smallest eigenvalue of the Hessian; below 0, the loss curves downwards in some"
            + " direction");
    scalars.put(
        "smallestEigenvectorNonConvexShare",
        "How much of the line along the eigenvector of the smallest eigenvalue curves"
            + " downwards, as a share of its inner points");
    scalars.put(
        "eigenvectorPlaneNonConvexShare",
        "How much of the plane of the eigenvectors of the largest and the smallest eigenvalue"
            + " curves downwards some way, as a share of its inner points");
    scalars.put(
        "trajectoryExplainedVariance",
        "Share of Σ ‖θₜ − θ‖² over the path of training that lies in the plane which holds"
            + " most of it; a random walk has about 0.9");
    scalars.put(
        "trajectoryLargestOutOfPlane",
        "Largest distance ‖·‖ of a network on the path of training from that plane");
    scalars.put(
        "trajectoryLargestLossGap",
        "Largest difference between the loss of a network on the path and the loss drawn for"
            + " it, that of its projection onto the plane");
    scalars.put(
        "trajectoryPlaneNonConvexShare",
        "How much of the plane of the training's path curves downwards some way, as a share"
            + " of its inner points");
    return scalars;
  }
}
