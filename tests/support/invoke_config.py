"""A SAM template of a function that is called asynchronously, and how it is run."""

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Retries: {Type: Number, Default: 1}
Resources:
  Done: {Type: AWS::SNS::Topic, Properties: {TopicName: done}}
  Unnamed: {Type: AWS::SQS::Queue}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.app.handler
      CodeUri: src/
      Events:
        Uploads: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: s3:ObjectCreated:*}}
CONFIG
"""
OWN = """
      EventInvokeConfig:
        MaximumRetryAttempts: !Ref Retries
        MaximumEventAgeInSeconds: 300
        DestinationConfig:
          OnSuccess: {Type: SNS, Destination: !Ref Done}
          OnFailure: {Type: SQS, Destination: arn:aws:sqs:eu-west-1:123456789012:lost}
"""

RUN = ("--asynchronous", "true", "--sqs", "uploads")
