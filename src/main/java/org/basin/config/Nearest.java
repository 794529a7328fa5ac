package org.basin.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that a misspelled one was meant to be. */
public final class Nearest {
  private Nearest() {}

  /**
   * The one of {@code words} fewest edits away from {@code given}, the first of equals; null when
   * none is within a third of its letters. Case, {@code _}, {@code -} and spaces do not count.
   */
  public static @Nullable String to(String given, Collection<String> words) {
    String plain = plain(given);
    String nearest = null;
    int fewest = Math.max(1, plain.length() / 3) + 1;
    for (String word : words) {
      int edits = edits(plain, plain(word));
      if (edits < fewest) {
        fewest = edits;
        nearest = word;
      }
    }
    return nearest;
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
  }

  /** Optimal string alignment distance: insert, delete, replace, swap neighbours. */
  static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + replace, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
