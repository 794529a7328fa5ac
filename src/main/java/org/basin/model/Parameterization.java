package org.basin.model;

/** How initial scale and learning rate of a layer depend on width. */
public enum Parameterization {
  /** The initialisation's own scales, one learning rate for all layers. */
  STANDARD,
  /** Neural tangent kernel parameterisation (Jacot et al. 2018; Lee et al. 2019). */
  NTK,
  /** Maximal update parameterisation (Yang and Hu 2021; Yang et al. 2022, table 3). */
  MUP
}
