package org.basin.engine;

/**
 * What an engine computes on side by side: cores, or GPUs.
 *
 * @param count how many
 * @param gpus whether they are GPUs
 */
public record Resources(int count, boolean gpus) {
  /** In words, e.g. {@code 2 cores}. */
  public String words() {
    return count + (gpus ? " GPU" : " core") + (count == 1 ? "" : "s");
  }
}
