package dev.kausal.engine.edits;

import java.util.ArrayList;
import java.util.List;

/** The Gram-Schmidt process, in double precision. */
public final class GramSchmidt {
    /** A vector is in the span of earlier ones if less than this share of its norm is outside of it. */
    private static final double DEPENDENT = 1e-5;

    private GramSchmidt() {}

    /**
     * Returns orthonormal vectors with the span of {@code vectors}. They are the factor Q of a QR decomposition whose
     * factor R has a positive diagonal. Vectors in the span of those before them are left out.
     *
     * @param vectors [rank][unit]
     */
    public static List<double[]> orthonormal(List<double[]> vectors) {
        List<double[]> orthonormal = new ArrayList<>();
        for (double[] vector : vectors) {
            double[] rest = vector.clone();
            double norm = norm(rest);
            // Twice, as the first pass leaves rounding errors of almost dependent vectors.
            for (int pass = 0; pass < 2; pass++) {
                orthonormal.forEach(other -> add(rest, other, -dot(rest, other)));
            }
            double left = norm(rest);
            if (left > DEPENDENT * norm) {
                for (int i = 0; i < rest.length; i++) {
                    rest[i] /= left;
                }
                orthonormal.add(rest);
            }
        }
        return orthonormal;
    }

    /** Returns the inner product of two vectors of equal length. */
    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** Adds {@code times} another vector to one in place. */
    public static void add(double[] to, double[] other, double times) {
        for (int i = 0; i < to.length; i++) {
            to[i] += times * other[i];
        }
    }

    private static double norm(double[] vector) {
        return Math.sqrt(dot(vector, vector));
    }
}
