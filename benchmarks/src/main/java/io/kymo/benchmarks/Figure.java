package io.kymo.benchmarks;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One measured figure beside its baseline of the same run.
 *
 * @param ratio value / baseline; NaN where there is no baseline
 * @param what what was measured, and what the baseline is
 */
@JsonPropertyOrder({"benchmark", "figure", "value", "unit", "baseline", "ratio", "what"})
public record Figure(
    String benchmark,
    String figure,
    double value,
    String unit,
    double baseline,
    double ratio,
    String what) {
  static Figure of(
      String benchmark, String figure, double value, String unit, double baseline, String what) {
    return new Figure(
        benchmark, figure, round(value), unit, round(baseline), round(value / baseline), what);
  }

  private static double round(double v) {
    return Double.isFinite(v) ? Math.round(v * 1000) / 1000.0 : Double.NaN;
  }
}
