package org.basin.report;

import java.util.ArrayList;
import java.util.List;
import org.basin.measurement.Comparison;
import org.basin.measurement.Verdict;
import org.basin.store.StudyResult;

/** What measurements say of predictions, in words. */
final class TheoryFindings {
  private TheoryFindings() {}

  /** Of a study: {@code saddle-escape: 5 of 6 predictions hold; “…” disagrees.} */
  static String study(StudyResult study) {
    List<Comparison> comparisons = study.comparisons();
    long hold = comparisons.stream().filter(each -> each.verdict() == Verdict.AGREES).count();
    List<String> others = new ArrayList<>();
    for (Comparison each : comparisons) {
      switch (each.verdict()) {
        case AGREES -> {}
        case DISAGREES -> others.add("“" + each.quantity() + "” disagrees");
        case UNDECIDED -> others.add("“" + each.quantity() + "” is undecided");
      }
    }
    return study.label()
        + ": "
        + hold(hold, comparisons.size())
        + (others.isEmpty() ? "" : "; " + String.join("; ", others))
        + ".";
  }

  /** {@code 6 of 6 predictions hold}. */
  static String hold(long hold, long all) {
    return all == 0
        ? "nothing was compared"
        : Wording.count(hold)
            + " of "
            + Wording.plural(all, "prediction")
            + (hold == 1 ? " holds" : " hold");
  }
}
