package org.basin.landscape.connectivity;

import java.util.List;

/** Which curves are trained between two networks (Garipov et al. 2018, section 3.2). */
public enum ConnectingCurves {
  /** None. */
  NONE,
  /** The quadratic Bézier curve. */
  BEZIER,
  /** The polygonal chain of two pieces. */
  POLYGON,
  /** Both. */
  BOTH;

  List<PathShape> shapes() {
    return switch (this) {
      case NONE -> List.of();
      case BEZIER -> List.of(PathShape.BEZIER);
      case POLYGON -> List.of(PathShape.POLYGON);
      case BOTH -> List.of(PathShape.BEZIER, PathShape.POLYGON);
    };
  }
}
