package dev.kausal.experiments.certify

import dev.kausal.engine.certify.Certificate
import kotlinx.serialization.Serializable

/**
 * A certificate as stored: JSON of schema 1.
 *
 * @property model model reference from the command line
 * @property precision precision of products with weights
 * @property weights SHA-256 of the weights
 * @property versions versions of Kausal, its PyTorch and Java
 * @property reference null if the model was checked only against itself
 * @property outputs null without a reference
 */
@Serializable
internal data class CertificateRecord(
    val schema: Int = 1,
    val model: String,
    val family: String,
    val weights: String,
    val versions: Map<String, String>,
    val reference: ReferenceRecord?,
    val passed: Boolean,
    val outputs: OutputsRecord?,
    val checks: List<CheckRecord>,
    val sites: List<SiteRecord>,
    val notes: List<String>,
    val precision: String = "float32",
)

/** The source of the reference values: [library] in [versions], with this number of [prompts], read from [file]. */
@Serializable
internal data class ReferenceRecord(
    val library: String,
    val versions: Map<String, String>,
    val prompts: Int,
    val file: String,
) {
    /** Library and version, such as `transformers 5.23.0`. */
    val text: String get() = "$library ${versions[library].orEmpty()}".trim()
}

/** The model's outputs against the reference's; [agree] of [rows] have the same largest output. */
@Serializable
internal data class OutputsRecord(
    val name: String,
    val absolute: Double,
    val relative: Double,
    val agree: Int,
    val rows: Int,
)

/** A bounded quantity: the value found and the largest that passes. A NaN is stored as null, and fails. */
@Serializable
internal data class CheckRecord(
    val question: String,
    val found: Double?,
    val bound: Double,
    val passed: Boolean,
    val where: String,
)

/**
 * One kind of hook point over all layers and inputs.
 *
 * @property points number of points compared with the reference
 * @property absolute largest difference from it; null if no point was compared, or it is NaN
 * @property relative the same, relative to the larger of 1 and the largest value at the point
 * @property where the point with the largest relative difference
 * @property drift largest change of the outputs if each point is patched with its own value; null if not possible
 */
@Serializable
internal data class SiteRecord(
    val name: String,
    val points: Int,
    val absolute: Double?,
    val relative: Double?,
    val where: String,
    val drift: Double?,
)

internal fun Certificate.Outputs.record(): OutputsRecord =
    OutputsRecord(name(), difference().absolute(), difference().relative(), agree(), rows())

internal fun Certificate.Check.record(): CheckRecord =
    CheckRecord(question(), found().finite(), bound(), passed(), where())

internal fun Certificate.Site.record(): SiteRecord {
    val difference = difference().takeIf { points() > 0 }
    return SiteRecord(
        name = name(),
        points = points(),
        absolute = difference?.absolute()?.finite(),
        relative = difference?.relative()?.finite(),
        where = difference?.where().orEmpty(),
        drift = drift().finite(),
    )
}

private fun Double.finite(): Double? = takeIf(Double::isFinite)
