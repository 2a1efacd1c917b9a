package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What a debugged prediction ablates, in the order of its result's first axis. */
@Serializable
public enum class PredictionAblation {
    /** Nothing: the unedited run. */
    @SerialName("nothing")
    Nothing,

    /** The patches with the most attention in the last layer. */
    @SerialName("attendedPatches")
    AttendedPatches,

    /** The patches most relevant to the right class. */
    @SerialName("rightPatches")
    RightPatches,

    /** The patches most relevant to the rival. */
    @SerialName("rivalPatches")
    RivalPatches,

    /** Random patches, averaged over draws. */
    @SerialName("randomPatches")
    RandomPatches,

    /** The heads that write most in favour of the right class. */
    @SerialName("rightHeads")
    RightHeads,

    /** The heads that write most in favour of the rival. */
    @SerialName("rivalHeads")
    RivalHeads,

    ;

    /** Whether it ablates patches chosen from a map. */
    public val ofMap: Boolean get() = this == AttendedPatches || this == RightPatches || this == RivalPatches
}

/** The ablations on the first of [Result.axes]; bundles of version 0.1.0 do not record them, but have all, in order. */
public val Result.ablationsInOrder: List<PredictionAblation>
    get() = ablations ?: PredictionAblation.entries.takeIf { it.size == axes.firstOrNull()?.labels?.size }.orEmpty()
