package dev.kausal.engine.training;

import dev.kausal.engine.edits.GramSchmidt;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam (Kingma and Ba 2014) on subspaces: the gradient is projected to directions that change the subspace (Edelman et al. 1998),
 * and each step is followed by a QR decomposition, so that the basis stays orthonormal. In double precision.
 */
final class SubspaceAdam {
    private static final double BETA_1 = 0.9;
    private static final double BETA_2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final double[][] first;
    private final double[][] second;
    private int steps;

    SubspaceAdam(int rank, int units) {
        first = new double[rank][units];
        second = new double[rank][units];
    }

    /**
     * Returns the basis after a step.
     *
     * @param basis orthonormal vectors [rank][unit]
     * @param gradient gradient of the loss with respect to the basis [rank][unit]
     */
    List<double[]> step(List<double[]> basis, double[][] gradient, double learningRate) {
        steps++;
        double corrected = learningRate / (1 - Math.pow(BETA_1, steps));
        double unbiased = 1 - Math.pow(BETA_2, steps);
        List<double[]> moved = new ArrayList<>();
        for (int k = 0; k < gradient.length; k++) {
            double[] tangent = tangent(basis, gradient[k]);
            double[] vector = basis.get(k).clone();
            for (int i = 0; i < vector.length; i++) {
                first[k][i] = BETA_1 * first[k][i] + (1 - BETA_1) * tangent[i];
                second[k][i] = BETA_2 * second[k][i] + (1 - BETA_2) * tangent[i] * tangent[i];
                vector[i] -= corrected * first[k][i] / (Math.sqrt(second[k][i] / unbiased) + EPSILON);
            }
            moved.add(vector);
        }
        return GramSchmidt.orthonormal(moved);
    }

    /** Returns the number of steps made. */
    int steps() {
        return steps;
    }

    /** Returns the part of {@code gradient} outside of the subspace; the rest only rotates the basis within it. */
    private static double[] tangent(List<double[]> basis, double[] gradient) {
        double[] tangent = gradient.clone();
        basis.forEach(vector -> GramSchmidt.add(tangent, vector, -GramSchmidt.dot(gradient, vector)));
        return tangent;
    }
}
