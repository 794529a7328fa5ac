package org.basin.engine;

import org.jspecify.annotations.Nullable;

/**
 * What an engine computes on side by side: cores, or GPUs.
 *
 * @param count how many
 * @param gpus whether they are GPUs
 */
public record Resources(int count, boolean gpus) {
  /** Stacks on a GPU at once: while the host writes one's results, the GPU trains the other. */
  private static final int STACKS_A_GPU = 2;

  /**
   * Stacks to train at once.
   *
   * @param stated by the user; null for as many as suit. Cores take any number of them, GPUs not:
   *     each stack may fill one
   */
  public int workers(@Nullable Integer stated) {
    if (gpus) {
      int most = STACKS_A_GPU * count;
      return stated == null ? most : Math.min(stated, most);
    }
    return stated == null ? count : stated;
  }

  /** In words, e.g. {@code 2 cores}. */
  public String words() {
    return count + (gpus ? " GPU" : " core") + (count == 1 ? "" : "s");
  }
}
