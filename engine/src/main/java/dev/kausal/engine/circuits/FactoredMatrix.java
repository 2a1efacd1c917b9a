package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Fused;

/**
 * A low-rank matrix kept as two factors, left [rows, inner] times right [inner, columns], so that the rows × columns
 * matrix is materialised only by {@link #product()}. Row vectors multiply from the left, as in {@code x · M}. It owns
 * nothing: results belong to the open NDScope, or to the factors' manager.
 */
public record FactoredMatrix(NDArray left, NDArray right) {
    /** Returns the matrix itself [rows, columns]. */
    public NDArray product() {
        return left.matMul(right);
    }

    /** Returns its transpose, factored. */
    public FactoredMatrix transpose() {
        return new FactoredMatrix(right.transpose(), left.transpose());
    }

    /** Returns this matrix times another, factored by the narrower inner axis. */
    public FactoredMatrix times(FactoredMatrix other) {
        NDArray middle = right.matMul(other.left);
        return new FactoredMatrix(left, middle.matMul(other.right));
    }

    /** Returns the Frobenius norm: its square is the trace of (LᵀL)(RRᵀ). */
    public double norm() {
        NDArray rows = left.transpose().matMul(left);
        NDArray columns = right.matMul(right.transpose());
        return Math.sqrt(Math.max(0, rows.mul(columns).sum().getFloat()));
    }

    /**
     * Returns the possibly non-zero eigenvalues of a square matrix: those of right · left.
     *
     * @return [inner][real, imaginary], unordered
     */
    public double[][] eigenvalues() {
        float[] found = Fused.eigenvalues(right.matMul(left)).toFloatArray();
        double[][] values = new double[found.length / 2][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new double[] {found[2 * i], found[2 * i + 1]};
        }
        return values;
    }
}
