package org.basin.landscape.stationarity;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the stationarity probe is. */
final class StationarityDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private StationarityDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "averageSlope",
        "Log–log slope, in the number of steps K, of the average of ‖∇f‖² over the first K"
            + " steps without noise; the bound's is −1");
    scalars.put(
        "smallestSlope",
        "Log–log slope, in the number of steps K, of the smallest ‖∇f‖² of the first K steps"
            + " without noise");
    scalars.put(
        "tightestLooseness",
        "Smallest ratio of bound to measured average of ‖∇f‖², over all batch sizes and K;"
            + " below 1 the bound is broken");
    scalars.put(
        "loosestLooseness",
        "Largest ratio of bound to measured average of ‖∇f‖², over all batch sizes and K");
    scalars.put(
        "floorSlope",
        "Log–log slope, in the batch size B, of what noise adds to ‖∇f‖² in the last half of"
            + " the runs");
    scalars.put(
        "floorSlopePredicted",
        "What the floor slope is if noise is the same everywhere: −1, as σ²/B falls");
    scalars.put(
        "smoothness",
        "L, above the largest curvature of the loss that was met on the way; steps are 1/L");
    scalars.put(
        "gradientVariance",
        "σ², the largest E ‖∇lᵢ − ∇f‖² that was met on the way: how much the gradients of"
            + " single examples differ");
    scalars.put(
        "meanGradientVariance", "The mean in place of the largest of E ‖∇lᵢ − ∇f‖² on the way");
    return scalars;
  }
}
