package dev.kausal.statistics

/** Integration by the trapezoidal rule. */
public object Trapezoids {
    /** Returns the area under a line of points (x, y) in ascending order of x; 0 for fewer than two. */
    public fun area(line: List<Pair<Double, Double>>): Double =
        line.zipWithNext().sumOf { (one, next) -> (next.first - one.first) * (next.second + one.second) / 2 }
}
