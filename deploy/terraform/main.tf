# A role that lets trail-lint read one account. Use the module once for each account, each time with that
# account's provider:
#
#   module "trail_lint" {
#     source                = "github.com/trail-lint/trail-lint//deploy/terraform"
#     trusted_principal_arn = "arn:aws:iam::111111111111:role/ci"
#     audit_account         = false
#   }

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

variable "trusted_principal_arn" {
  description = "The ARN of the role or user that runs trail-lint."
  type        = string
}

variable "external_id" {
  description = "What `--external-id` has to say; nothing if null."
  type        = string
  default     = null
}

variable "role_name" {
  description = "What `--role-name` has to say."
  type        = string
  default     = "trail-lint"
}

variable "audit_account" {
  description = "Whether this account owns the bucket, so that the role may read buckets."
  type        = bool
  default     = false
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.trusted_principal_arn]
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

data "aws_iam_policy_document" "source" {
  # begin iam-policy source
  statement {
    sid       = "FindTrails"
    resources = ["*"]
    actions = [
      "cloudtrail:DescribeTrails",
      "cloudtrail:ListTrails",
    ]
  }

  statement {
    sid       = "ReadTrails"
    resources = ["arn:${data.aws_partition.current.partition}:cloudtrail:*:*:trail/*"]
    actions = [
      "cloudtrail:GetEventSelectors",
      "cloudtrail:GetInsightSelectors",
      "cloudtrail:GetTrail",
      "cloudtrail:GetTrailStatus",
    ]
  }

  statement {
    sid       = "ReadKeys"
    resources = ["arn:${data.aws_partition.current.partition}:kms:*:*:key/*"]
    actions = [
      "kms:DescribeKey",
      "kms:GetKeyPolicy",
    ]
  }

  statement {
    sid       = "ReadTopics"
    resources = ["arn:${data.aws_partition.current.partition}:sns:*:*:*"]
    actions = [
      "sns:GetTopicAttributes",
    ]
  }
  # end iam-policy source
}

data "aws_iam_policy_document" "audit" {
  # begin iam-policy audit
  statement {
    sid       = "ReadKeys"
    resources = ["arn:${data.aws_partition.current.partition}:kms:*:*:key/*"]
    actions = [
      "kms:DescribeKey",
      "kms:GetKeyPolicy",
    ]
  }

  statement {
    sid       = "ReadBuckets"
    resources = ["arn:${data.aws_partition.current.partition}:s3:::*"]
    actions = [
      "s3:GetBucketLocation",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPolicyStatus",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
    ]
  }

  statement {
    sid       = "ReadTopics"
    resources = ["arn:${data.aws_partition.current.partition}:sns:*:*:*"]
    actions = [
      "sns:GetTopicAttributes",
    ]
  }
  # end iam-policy audit
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets trail-lint read trails, and the buckets, keys and topics they use. It writes nothing."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "source" {
  name   = "trail-lint-source"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.source.json
}

resource "aws_iam_role_policy" "audit" {
  count  = var.audit_account ? 1 : 0
  name   = "trail-lint-audit"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.audit.json
}

output "role_arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}
