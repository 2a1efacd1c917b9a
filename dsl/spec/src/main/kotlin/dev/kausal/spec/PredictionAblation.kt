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

    /** The strongest patches of the right class's map. */
    @SerialName("rightPatches")
    RightPatches,

    /** The strongest patches of the rival's map. */
    @SerialName("rivalPatches")
    RivalPatches,

    /** Random patches, mean over draws. */
    @SerialName("randomPatches")
    RandomPatches,

    /** The heads that write most in favour of the right class. */
    @SerialName("rightHeads")
    RightHeads,

    /** The heads that write most in favour of the rival. */
    @SerialName("rivalHeads")
    RivalHeads,

    ;

    /** Whether it ablates patches that a map chose. */
    public val ofMap: Boolean get() = this == AttendedPatches || this == RightPatches || this == RivalPatches
}

/** The ablations of [Result.axes]' first axis; bundles of version 0.1.0 do not record them, but have all, in order. */
public val Result.ablationsInOrder: List<PredictionAblation>
    get() = ablations ?: PredictionAblation.entries.takeIf { it.size == axes.firstOrNull()?.labels?.size }.orEmpty()
