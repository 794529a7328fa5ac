package org.basin.landscape.connectivity;

/**
 * How a path from θ₀ to θ₁ is made of its ends and a bend w (Garipov et al. 2018, section 3.2):
 * φ(t) = start(t) θ₀ + bend(t) w + end(t) θ₁, 0 ≤ t ≤ 1.
 */
enum PathShape {
  /** (1 − t) θ₀ + t θ₁. */
  LINE {
    @Override
    double bend(double t) {
      return 0;
    }

    @Override
    double end(double t) {
      return t;
    }
  },

  /** (1 − t)² θ₀ + 2 t (1 − t) w + t² θ₁. */
  BEZIER {
    @Override
    double bend(double t) {
      return 2 * t * (1 - t);
    }

    @Override
    double end(double t) {
      return t * t;
    }
  },

  /** 2 (t w + (½ − t) θ₀) up to t = ½, then 2 ((t − ½) θ₁ + (1 − t) w). */
  POLYGON {
    @Override
    double bend(double t) {
      return t <= 0.5 ? 2 * t : 2 * (1 - t);
    }

    @Override
    double end(double t) {
      return t <= 0.5 ? 0 : 2 * t - 1;
    }
  };

  /** Factor of the bend, and so of the gradient that it gets from φ(t)'s. */
  abstract double bend(double t);

  /** Factor of θ₁. */
  abstract double end(double t);

  /** Factor of θ₀: the three sum to 1. */
  double start(double t) {
    return 1 - bend(t) - end(t);
  }
}
