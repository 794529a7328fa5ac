package org.basin.train;

import java.util.Locale;

/** How a replica's training ended. */
public enum TrainingStatus {
  /** All epochs, or the training-loss target reached. */
  COMPLETED,
  /** The validation loss stopped improving; the best parameters were restored. */
  EARLY_STOPPED,
  /** A loss that is not finite or above the bound. */
  DIVERGED;

  /** The name in files, e.g. {@code early_stopped}. */
  public String fileName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
