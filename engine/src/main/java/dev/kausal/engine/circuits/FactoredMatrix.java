package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Fused;

/**
 * A matrix of low rank kept as two factors, left [rows, inner] times right [inner, columns], so that nothing of rows ×
 * columns is made unless {@link #product()} is asked for. Rows multiply from the left, as in {@code x · M}. It owns
 * nothing: results land in the open NDScope, or with the factors' manager.
 */
public record FactoredMatrix(NDArray left, NDArray right) {
    /** The matrix itself [rows, columns]. */
    public NDArray product() {
        return left.matMul(right);
    }

    /** Its transpose, factored. */
    public FactoredMatrix transpose() {
        return new FactoredMatrix(right.transpose(), left.transpose());
    }

    /** This matrix times another, factored by the narrower of both. */
    public FactoredMatrix times(FactoredMatrix other) {
        NDArray middle = right.matMul(other.left);
        return new FactoredMatrix(left, middle.matMul(other.right));
    }

    /** The Frobenius norm: the trace of (LᵀL)(RRᵀ) is its square. */
    public double norm() {
        NDArray rows = left.transpose().matMul(left);
        NDArray columns = right.matMul(right.transpose());
        return Math.sqrt(Math.max(0, rows.mul(columns).sum().getFloat()));
    }

    /**
     * The eigenvalues of a square matrix that need not be 0: those of right · left, which has all others.
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
