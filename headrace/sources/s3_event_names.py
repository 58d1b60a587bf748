"""What S3 itself calls an event that EventBridge tells of in words of its own."""

_CREATED = {
    "PutObject": "Put",
    "POST Object": "Post",
    "CopyObject": "Copy",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}
_OTHERS = {
    "Object Restore Initiated": "ObjectRestore:Post",
    "Object Restore Completed": "ObjectRestore:Completed",
    "Object Restore Expired": "ObjectRestore:Delete",
    "Object Tags Added": "ObjectTagging:Put",
    "Object Tags Deleted": "ObjectTagging:Delete",
    "Object ACL Updated": "ObjectAcl:Put",
    "Object Storage Class Changed": "LifecycleTransition",
    "Object Access Tier Changed": "IntelligentTiering",
}
_EXPIRED = "Lifecycle Expiration"
_MARKED = "Delete Marker Created"


def event_name(detail_type: str, reason: str, deletion_type: str) -> str:
    """Return the name, such as `ObjectCreated:Put` or `ObjectRemoved:Delete`.

    Args:
        detail_type: of the bus's event, such as "Object Deleted"; one that is not known keeps its
            words, without the spaces between.
        reason: why an object was created or deleted, as the event's detail says.
        deletion_type: of a deleted object, what was left of it.
    """
    if detail_type == "Object Created":
        how = _CREATED.get(reason, reason)
        return f"ObjectCreated:{how}" if how else "ObjectCreated"
    if detail_type == "Object Deleted":
        kind = "LifecycleExpiration" if reason == _EXPIRED else "ObjectRemoved"
        return f"{kind}:DeleteMarkerCreated" if deletion_type == _MARKED else f"{kind}:Delete"
    return _OTHERS.get(detail_type) or detail_type.replace(" ", "")
