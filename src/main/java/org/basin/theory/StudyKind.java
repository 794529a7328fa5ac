package org.basin.theory;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.basin.measurement.Figure;
import org.basin.measurement.Measurement;

/**
 * A study by its name: an experiment on functions whose answer is known, which trains no network.
 *
 * @param name as files and the command line spell it
 * @param version raised whenever the same options and seed give other numbers or another form
 * @param claim what theory says and where it is written, for a reader who meets it for the first
 *     time; a few sentences
 * @param defaults its options where none are given: {@code DEFAULTS} of their class
 * @param study runs it; the random numbers decide everything that is drawn. Its details are {@link
 *     org.basin.measurement.Comparisons}
 * @param figures how its tables are drawn; a figure whose table is not there is left out
 */
public record StudyKind<O extends Record>(
    String name,
    int version,
    String claim,
    O defaults,
    BiFunction<O, SplittableRandom, Measurement> study,
    List<Figure> figures) {

  /** Copies the list. */
  public StudyKind {
    figures = List.copyOf(figures);
  }

  /** Class of its options. */
  public Class<? extends Record> options() {
    return defaults.getClass();
  }

  /** Runs it with {@code some} options, which are of this kind's class. */
  public Measurement measure(Record some, SplittableRandom random) {
    @SuppressWarnings("unchecked") // a record's class is final
    Class<O> options = (Class<O>) options();
    return study.apply(options.cast(some), random);
  }
}
